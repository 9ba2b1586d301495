//! Taking answers of the server apart.

use redis::{ErrorKind, RedisError, RedisResult, Value};

pub(crate) fn unexpected() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "the server's answer is not what its script returns").into()
}

pub(crate) fn int(value: &Value) -> RedisResult<i64> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::BulkString(text) => std::str::from_utf8(text).ok().and_then(|t| t.parse().ok()).ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

pub(crate) fn list(value: Value) -> RedisResult<Vec<Value>> {
    match value {
        Value::Array(items) | Value::Set(items) => Ok(items),
        Value::Nil => Ok(Vec::new()),
        _ => Err(unexpected()),
    }
}

pub(crate) fn array<const N: usize>(value: Value) -> RedisResult<[Value; N]> {
    list(value)?.try_into().map_err(|_| unexpected())
}

pub(crate) fn text(value: Value) -> RedisResult<String> {
    match value {
        Value::BulkString(text) => String::from_utf8(text).map_err(|_| unexpected()),
        Value::SimpleString(text) => Ok(text),
        _ => Err(unexpected()),
    }
}

pub(crate) fn bytes(value: Value) -> RedisResult<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::SimpleString(text) => Ok(text.into_bytes()),
        Value::Int(number) => Ok(number.to_string().into_bytes()),
        _ => Err(unexpected()),
    }
}

/// An entry of a stream: its number, and the value of its first field. (RESP3 may have the fields as a map.)
pub(crate) fn entry(value: Value) -> RedisResult<(String, Vec<u8>)> {
    let [id, fields] = array(value)?;
    let payload = match fields {
        Value::Map(fields) => fields.into_iter().next().map(|(_, payload)| payload),
        fields => list(fields)?.into_iter().nth(1),
    };
    Ok((text(id)?, bytes(payload.ok_or_else(unexpected)?)?))
}

/// The entries of each stream of a read, by key.
pub(crate) fn streams(value: Value) -> RedisResult<Vec<(String, Vec<Value>)>> {
    let pairs = match value {
        Value::Map(pairs) => pairs,
        value => {
            let pair = |stream| array(stream).map(|[key, entries]| (key, entries));
            list(value)?.into_iter().map(pair).collect::<RedisResult<_>>()?
        }
    };
    pairs.into_iter().map(|(key, entries)| Ok((text(key)?, list(entries)?))).collect()
}
