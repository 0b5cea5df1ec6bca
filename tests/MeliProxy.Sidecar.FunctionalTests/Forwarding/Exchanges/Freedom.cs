namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>What an exchange leaves to chance, so that even the same forwarder may do one thing or the other.</summary>
[Flags]
internal enum Freedom
{
    None = 0,

    /// <summary>
    /// The answer turns bad after its head. A proxy that finds out before it has begun to answer can say 502; one that finds out later
    /// can only break off. Which it is depends on how the bytes arrive.
    /// </summary>
    WhenAnswerBreaks = 1,

    /// <summary>
    /// The exchange fails while the request is on its way. How much of the request the upstream has read by then, or whether any of it,
    /// depends on who is first.
    /// </summary>
    HowMuchUpstreamReads = 2,

    /// <summary>
    /// The client's connection breaks while an answer is on its way to it, and the operating system drops what it has not handed over.
    /// </summary>
    WhatClientReads = 4,

    /// <summary>
    /// The upstream closes without a byte of an answer. A request that may be repeated may be sent again, once or more (RFC 9110, section 9.2.2).
    /// </summary>
    HowOftenItIsSent = 8,
}
