//! Reads and writes messages in the protocol's frames. What cannot be read as a message is answered as an
//! error; only where the frame itself is broken nothing more can be read.

use std::io::{self, BufRead, Read, Write};
use std::sync::{Mutex, PoisonError};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// No client has reason to send more; a length that is made up would take all memory.
const MOST_BYTES: u64 = 64 << 20;

/// What stands in one frame.
#[derive(Debug)]
enum Frame {
    Message(Message),
    /// No message: the answer to it.
    Refused(Value),
}

/// Passes messages on until the client closes its end. Whoever takes them may be gone as well.
pub fn read_all(
    mut from: impl BufRead,
    to: &Mutex<impl Write>,
    mut pass: impl FnMut(Message) -> bool,
) {
    while let Ok(Some(frame)) = read(&mut from) {
        match frame {
            Frame::Message(message) => {
                if !pass(message) {
                    return;
                }
            }
            Frame::Refused(answer) => {
                if write(&mut *to.lock().unwrap_or_else(PoisonError::into_inner), &answer).is_err()
                {
                    return;
                }
            }
        }
    }
}

/// Writes messages until there are no more, or nobody reads them.
pub fn write_all(messages: impl IntoIterator<Item = Message>, to: &Mutex<impl Write>) {
    for message in messages {
        let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
        if message.write(&mut *to).is_err() {
            return;
        }
    }
}

/// The next frame; none at the end.
fn read(from: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let Some(length) = length(from)? else { return Ok(None) };
    let mut content = from.take(length);
    if length > MOST_BYTES {
        io::copy(&mut content, &mut io::sink())?;
        let message = format!("a message of {length} bytes is too long");
        return Ok(Some(refused(&Value::Null, ErrorCode::InvalidRequest, &message)));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => {
            return Ok(Some(refused(&Value::Null, ErrorCode::ParseError, &error.to_string())));
        }
    };
    let id = value.get("id").filter(|id| id.is_number() || id.is_string()).cloned();
    Ok(Some(match (serde_json::from_value(value), id) {
        // An id that does not fit makes a request look like a notification: its sender waits.
        (Ok(Message::Notification(_)), Some(id)) => {
            refused(&id, ErrorCode::InvalidRequest, "the id is not a number of 32 bits")
        }
        (Ok(message), _) => Frame::Message(message),
        (Err(_), id) => {
            let words = "neither a request nor a response nor a notification";
            refused(&id.unwrap_or_default(), ErrorCode::InvalidRequest, words)
        }
    }))
}

/// The length that the header of a frame tells.
fn length(from: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        // A header is short; whatever has no line ends is no header.
        if from.by_ref().take(4096).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            return length.map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
        let (name, value) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        if name.eq_ignore_ascii_case("Content-Length") {
            let value = value.trim().parse::<u64>();
            length = Some(value.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?);
        }
    }
}

fn refused(id: &Value, code: ErrorCode, message: &str) -> Frame {
    let error = json!({ "code": code as i32, "message": message });
    Frame::Refused(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

fn write(to: &mut impl Write, value: &Value) -> io::Result<()> {
    let text = value.to_string();
    write!(to, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(content: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{content}", content.len())
    }

    /// The methods that were passed on, and what was answered.
    fn spoken(input: &str) -> (Vec<String>, String) {
        let answers = Mutex::new(Vec::new());
        let mut methods = Vec::new();
        read_all(input.as_bytes(), &answers, |message| {
            match message {
                Message::Request(request) => methods.push(request.method),
                Message::Notification(notification) => methods.push(notification.method),
                Message::Response(_) => methods.push("a response".to_owned()),
            }
            true
        });
        (methods, String::from_utf8(answers.into_inner().unwrap()).unwrap())
    }

    #[test]
    fn what_is_no_message_is_answered_and_the_next_is_read() {
        let input = [
            frame("{\"id\": 1, \"method\": \"a\"}"),
            frame("{\"id\": 2, \"meth"),
            frame("[1, 2]"),
            frame("{\"id\": 99999999999, \"method\": \"b\"}"),
            frame("\u{1F427}"),
            "content-length:3\nX-Other: 1\n\n{} ".to_owned(),
            frame("{\"method\": \"c\"}"),
            frame("{\"id\": 4, \"result\": null}"),
        ];
        let (methods, answers) = spoken(&input.concat());
        assert_eq!(methods, ["a", "c", "a response"]);
        assert_eq!(answers.matches("-32700").count(), 2, "{answers}");
        assert_eq!(answers.matches("-32600").count(), 3, "{answers}");
        assert!(answers.contains("\"id\":99999999999"), "{answers}");
    }

    #[test]
    fn a_broken_frame_ends_the_connection() {
        let good = frame("{\"method\": \"a\"}");
        for broken in
            ["\r\n", "Content-Length: x\r\n\r\n", "nonsense\r\n", "Content-Length: 9\r\n\r\n{"]
        {
            let (methods, answers) = spoken(&format!("{good}{broken}"));
            assert_eq!((methods.len(), answers.as_str()), (1, ""), "{broken:?}");
        }
        let huge = format!("Content-Length: {}\r\n\r\n{good}", u64::MAX);
        let (methods, answers) = spoken(&huge);
        assert!(methods.is_empty() && answers.contains("too long"), "{answers}");
    }
}
