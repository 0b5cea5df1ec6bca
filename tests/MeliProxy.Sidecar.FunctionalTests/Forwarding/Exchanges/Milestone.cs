namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>What one side of an exchange can wait for the other to have seen.</summary>
internal enum Milestone
{
    /// <summary>Heads of requests that the upstream has read.</summary>
    RequestHeads,

    /// <summary>Bytes of request bodies that the upstream has read.</summary>
    RequestBody,

    /// <summary>Heads of answers that the client has read, interim ones too.</summary>
    AnswerHeads,

    /// <summary>Bytes of answers' bodies that the client has read.</summary>
    AnswerBody,

    /// <summary>Final answers that the client has read to their end.</summary>
    Answers,

    /// <summary>Steps that the upstream has taken.</summary>
    UpstreamSteps,
}
