namespace MeliProxy.RateLimiting.Nats;

/// <summary>The commands that a process answers over NATS.</summary>
public sealed record NatsCommandOptions
{
    /// <summary>
    /// The commands, such as <c>rules.put</c>. Each is answered at <c>meliproxy.&lt;domain&gt;.cmd.&lt;command&gt;</c>, by one of the domain's
    /// members at a time.
    /// </summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>
    /// Carries out a command: its name and its body, which may hold anything; returns a JSON object, which begins with <c>{"ok":true</c> if it
    /// was done. Called by any thread.
    /// </summary>
    public required Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>>> Run { get; init; }

    /// <summary>The version that the service tells to those who ask which services there are: a semantic version.</summary>
    public required string Version { get; init; }
}
