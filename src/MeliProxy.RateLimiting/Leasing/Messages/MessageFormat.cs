namespace MeliProxy.RateLimiting.Leasing.Messages;

/// <summary>What reports and answers look like; docs/protocol.md says what they mean.</summary>
/// <remarks>
/// Numbers are LEB128 without sign unless a length is given; those of a length are little-endian.
/// <code>
/// report    1  version: 1
///           1  type: 1
///           1  shard
///           8  node that reports
///           …  sequence number of the report, from 1, of this node and shard
///           …  epoch that the accounts belong to; 0 if none is known
///   section, any number of them
///           1  algorithm: 0 token bucket, 1 fixed window, 2 sliding window
///           …  limit
///           …  window in ms; 0 with a calendar
///           …  burst; 0 for windows
///           1  calendar: 0 none, 1 minute, 2 hour, 3 day, 4 month
///           1  length of the time zone's name, followed by it in ASCII
///           …  cost of one resource
///           1  number of keys
///     key  16  hash
///           …  account, growing with each lease that the node begins
///           …  permits that it has been granted under the account
///           …  permits that it allowed itself
///           …  permits spent
///           …  permits handed back
///           …  permits wanted beyond those that it holds
///
/// answer    1  version: 1
///           1  type: 2
///           1  shard
///           …  epoch of the owner
///           …  sequence number of the report that is answered
///           …  time in ms after which to report again at the earliest
///           …  members of the domain; 0 if the owner does not know
///   key    16  hash                                      any number of them
///           …  account
///           …  permits granted under the account up to now
///           …  time in ms that they are valid for, from when the report was sent
///           …  permits that the key has left after this
///           …  time in ms until the key has its whole quota again
///           …  time in ms until it may have permits again
/// </code>
/// </remarks>
internal static class MessageFormat
{
    public const byte Version = 1;
    public const byte Report = 1;
    public const byte Answer = 2;

    /// <summary>More would not fit in an answer.</summary>
    public const int MaxKeys = 200;

    public const int MaxKeysPerSection = 200;
    public const int MaxTimeZoneLength = 64;

    /// <summary>What a section with one key takes at most.</summary>
    public const int MaxSectionLength = 4 + MaxTimeZoneLength + (4 * 10) + MaxKeyLength;

    /// <summary>What a key takes at most.</summary>
    public const int MaxKeyLength = 16 + (6 * 10);
}
