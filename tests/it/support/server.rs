//! A server of HTTP on this machine that answers as it was told, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The first line.
    pub(crate) line: String,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// What it said.
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These bytes.
    Text(String),
    /// None, for as long as the client waits.
    Silence,
    /// The connection ends without one.
    Hangup,
}

impl Answer {
    /// An answer with this status line, more header lines (each with its line end) and a body.
    pub(crate) fn of(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Text(format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        ))
    }
}

/// The server; what it was not told to answer it refuses by ending the connection.
#[derive(Debug)]
pub(crate) struct Server {
    place: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one that gives these answers, one a connection.
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let place = listener.local_addr().expect("it has a port");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let answers: Vec<Answer> = answers.into_iter().collect();
        thread::spawn(move || {
            for (answer, stream) in answers.into_iter().zip(listener.incoming()) {
                let stream = stream.expect("a connection");
                kept.lock().expect("no reader died").push(read(&stream));
                give(&stream, &answer);
            }
        });
        Self { place, asked }
    }

    /// An address of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.place)
    }

    /// The host and port.
    pub(crate) fn host(&self) -> String {
        self.place.to_string()
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no reader died").clone()
    }
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut next = || {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let line = next();
    let mut headers = Vec::new();
    loop {
        let line = next();
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut asked = Asked {
        line,
        headers,
        body: Vec::new(),
    };
    let length = asked
        .header("content-length")
        .map_or(0, |length| length.parse().expect("the length is a number"));
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body).expect("the body");
    asked
}

fn give(mut stream: &TcpStream, answer: &Answer) {
    match answer {
        Answer::Text(text) => stream.write_all(text.as_bytes()).expect("it listens"),
        // The end of the connection is the client's.
        Answer::Silence => {
            let _ = stream.read(&mut [0]);
        }
        Answer::Hangup => {}
    }
}
