using System.Globalization;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>One thing that the client or the upstream does in an exchange.</summary>
internal sealed record Step(StepKind Kind, ReadOnlyMemory<byte> Bytes = default, Milestone Milestone = default, long Count = 0)
{
    /// <summary>Says that nothing more will be sent.</summary>
    public static Step Close { get; } = new(StepKind.Close);

    /// <summary>Breaks the connection.</summary>
    public static Step Reset { get; } = new(StepKind.Reset);

    /// <summary>Reads the request's body to its end.</summary>
    public static Step ReadRest { get; } = new(StepKind.ReadBody, Count: long.MaxValue);

    /// <summary>Waits until the proxy ends the connection.</summary>
    public static Step AwaitEnd { get; } = new(StepKind.AwaitEnd);

    /// <summary>Sends text, one byte for each character.</summary>
    public static Step Send(string text) => new(StepKind.Send, Encoding.Latin1.GetBytes(text));

    public static Step Await(Milestone milestone, long count = 1) => new(StepKind.Await, Milestone: milestone, Count: count);

    public static Step ReadBody(long count) => new(StepKind.ReadBody, Count: count);

    /// <summary>Sends text in pieces of so many bytes.</summary>
    public static IEnumerable<Step> SendInPieces(string text, int size) => text.Chunk(size).Select(piece => Send(new string(piece)));

    public override string ToString() => Kind switch
    {
        StepKind.Send => $"send {VisibleText.Of(Bytes.Span)}",
        StepKind.Await => string.Create(CultureInfo.InvariantCulture, $"await {Milestone} {Count}"),
        StepKind.ReadBody => Count == long.MaxValue ? "read the body" : string.Create(CultureInfo.InvariantCulture, $"read {Count} B of the body"),
        StepKind.AwaitEnd => "await the connection's end",
        _ => Kind.ToString(),
    };
}
