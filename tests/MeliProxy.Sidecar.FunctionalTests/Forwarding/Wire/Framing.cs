namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

/// <summary>What tells where a message's body ends (RFC 9112, section 6.3).</summary>
internal enum Framing
{
    /// <summary>There is no body.</summary>
    None,

    Length,

    Chunked,

    /// <summary>The end of the connection.</summary>
    Close,
}
