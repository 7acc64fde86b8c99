#!/bin/sh
# Tests greet.sh: says what is wrong and ends with 1, or says nothing.

failed=0

expect() {
    wanted=$1
    shift
    found=$(sh greet.sh "$@")
    if [ "$found" != "$wanted" ]; then
        echo "greet.sh $*: found \"$found\", expected \"$wanted\""
        failed=1
    fi
}

expect "Hello, world!"
expect "Hello, Ada!" Ada
expect "Hello, Ada Lovelace!" Ada Lovelace

exit "$failed"
