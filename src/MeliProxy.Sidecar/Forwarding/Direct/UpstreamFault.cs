namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Why an exchange with an upstream failed, or a connection could not be used again.</summary>
internal enum UpstreamFault
{
    /// <summary>Its name could not be resolved.</summary>
    NameNotResolved,

    /// <summary>It refused the connection, or was not reachable.</summary>
    NotConnected,

    /// <summary>It did not accept a connection in time.</summary>
    ConnectTimeout,

    /// <summary>TLS could not be agreed on, or its certificate is not trusted.</summary>
    TlsFailed,

    /// <summary>It closed the connection before a whole head of an answer had come.</summary>
    ClosedBeforeAnswer,

    /// <summary>What it sent is not HTTP, or framed in a way that two readers may take for different things.</summary>
    InvalidAnswer,

    /// <summary>The head of its answer is larger than is taken.</summary>
    HeadTooLarge,

    /// <summary>It closed the connection before the answer's end.</summary>
    ClosedInBody,

    /// <summary>It sent more than the answer it announced. The answer is whole, the connection is not used again.</summary>
    SurplusBytes,

    /// <summary>It stopped taking the request.</summary>
    RequestNotTaken,

    /// <summary>Nothing moved for as long as an exchange may stand still.</summary>
    TimedOut,

    /// <summary>The client left before the answer's end.</summary>
    ClientLeft,

    /// <summary>The client's request body broke off or is invalid.</summary>
    RequestBodyFailed,

    /// <summary>Nothing more of the client's request body came for as long as an exchange may stand still.</summary>
    RequestBodyStalled,
}
