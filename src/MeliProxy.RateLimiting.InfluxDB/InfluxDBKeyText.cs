namespace MeliProxy.RateLimiting.InfluxDB;

/// <summary>What of the keys that use a rule most is written to InfluxDB, in the field <c>pkey</c>.</summary>
public enum InfluxDBKeyText
{
    /// <summary>
    /// The values of the key's parts with <c>|</c> between them, so that one part is written as it is. A <c>|</c> or backslash within a value
    /// has a backslash before it, so different keys are different texts.
    /// </summary>
    Plain,

    /// <summary>
    /// A pseudonym of what <see cref="Plain"/> writes: the first 22 characters (132 bits) of its HMAC-SHA-256 in base64url. It is the same
    /// wherever <see cref="InfluxDBSinkOptions.KeySecret"/> is the same, and without the secret nobody can try keys.
    /// </summary>
    Hmac,

    /// <summary>Nothing: how much the first, second, third … key uses, and not which.</summary>
    None,
}
