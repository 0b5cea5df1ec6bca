namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>How the way to the other members stands. Each change is logged once.</summary>
internal enum LinkState
{
    /// <summary>Nothing is known yet.</summary>
    Starting,

    /// <summary>Messages can be sent and the bucket can be used.</summary>
    Connected,

    /// <summary>The connection was lost.</summary>
    Lost,

    /// <summary>There was no connection yet.</summary>
    Unreachable,

    /// <summary>The server refuses the credentials.</summary>
    Refused,

    /// <summary>There is a connection, to a server or an account without JetStream.</summary>
    NoJetStream,

    /// <summary>There is a connection, and the bucket cannot be used.</summary>
    NoBucket,
}
