#!/bin/sh
# git-mmm gate for the hook @EVENT@.
#
# One template serves every hook. Three words between at signs are filled in when it is installed,
# the paths quoted for the shell, because a hook may be started with any PATH and in any folder:
#   EVENT    name of the hook
#   PROGRAM  absolute path of git-mmm
#   ARMED    absolute path of the marker <common dir>/mmm/on/<event>, which is there while a
#            workflow waits for this event; `required` on its first line lets a failure stop Git
#
# Git waits for this script at every commit, so with nothing armed it uses builtins only and
# starts no process. It fails open: where our program is missing or broken, Git goes on as if there
# were no hook. It ends in a function call, so that it can stand inside somebody's own hook.
mmm_gate() {
	# Nothing waits for this event.
	[ -e @ARMED@ ] || return 0
	# A hook or a step of ours did this: an event never sets itself off.
	[ -z "${MMM_HOOK_ACTIVE-}" ] || return 0
	# Objects in quarantine may yet be dropped: nothing is recorded about them.
	[ -z "${GIT_QUARANTINE_PATH-}" ] || return 0
	[ -x @PROGRAM@ ] || return 0
	MMM_HOOK_ACTIVE=@EVENT@ @PROGRAM@ hook @EVENT@ "$@" && return 0
	mmm_code=$?
	# After the fact there is nothing to stop; Git would only report a failure that is none.
	case @EVENT@ in post-*) return 0 ;; esac
	# From 126 on it did not start, crashed or was killed: that is our trouble, not the person's.
	[ "$mmm_code" -lt 126 ] || return 0
	mmm_required=
	IFS= read -r mmm_required 2>/dev/null <@ARMED@ || :
	[ "$mmm_required" = required ] || return 0
	return "$mmm_code"
}
mmm_gate "$@" || exit
