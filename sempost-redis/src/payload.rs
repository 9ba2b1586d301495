//! What a message can be.

use std::error::Error;

/// Why a payload could not be encoded or decoded.
pub type PayloadError = Box<dyn Error + Send + Sync>;

/// A message as bytes, for the way over the network.
///
/// Implemented for bytes, text and integers (as decimal text), and with the feature `serde` for `Json` of anything.
/// For a type of your own it is two functions:
///
/// ```
/// use sempost_redis::{Payload, PayloadError};
///
/// #[derive(Debug, PartialEq)]
/// struct Point(u8, u8);
///
/// impl Payload for Point {
///     fn encode(self) -> Result<Vec<u8>, PayloadError> {
///         Ok(vec![self.0, self.1])
///     }
///
///     fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
///         let [x, y] = <[u8; 2]>::try_from(bytes).map_err(|_| "a point has two bytes")?;
///         Ok(Point(x, y))
///     }
/// }
///
/// assert_eq!(Point::decode(Point(1, 2).encode()?)?, Point(1, 2));
/// # Ok::<(), PayloadError>(())
/// ```
pub trait Payload: Sized {
    /// Returns the bytes that are sent.
    ///
    /// # Errors
    ///
    /// Whatever the type cannot express; the message is not sent then.
    fn encode(self) -> Result<Vec<u8>, PayloadError>;

    /// Returns the message that was sent as `bytes`.
    ///
    /// # Errors
    ///
    /// If that is no message of this type. It becomes a dead letter.
    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError>;
}

impl Payload for Vec<u8> {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        Ok(self)
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        Ok(bytes)
    }
}

impl Payload for String {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        Ok(self.into_bytes())
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        Ok(String::from_utf8(bytes)?)
    }
}

macro_rules! as_decimal_text {
    ($($number:ty)*) => { $(
        impl Payload for $number {
            fn encode(self) -> Result<Vec<u8>, PayloadError> {
                self.to_string().encode()
            }

            fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
                Ok(String::decode(bytes)?.parse()?)
            }
        }
    )* };
}

as_decimal_text!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

/// A message of any type that serde knows, sent as JSON.
///
/// ```
/// use sempost_redis::{Json, Payload};
///
/// let bytes = Json(vec![1, 2]).encode()?;
/// assert_eq!(bytes, b"[1,2]");
/// assert_eq!(Json::<Vec<u32>>::decode(bytes)?.0, [1, 2]);
/// # Ok::<(), sempost_redis::PayloadError>(())
/// ```
#[cfg(feature = "serde")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Json<T>(pub T);

#[cfg(feature = "serde")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Payload for Json<T> {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        Ok(serde_json::to_vec(&self.0)?)
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        Ok(Json(serde_json::from_slice(&bytes)?))
    }
}
