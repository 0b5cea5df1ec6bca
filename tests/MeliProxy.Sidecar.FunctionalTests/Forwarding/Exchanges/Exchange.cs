using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>What a client sends over one connection, and what the upstream answers.</summary>
/// <param name="Name">What is tried; each has its own.</param>
/// <param name="Client">What the client does. Afterwards it waits for its answers, and asks once more on the same connection.</param>
/// <param name="Upstream">
/// What the upstream does once it has read a request's head, for one request after the other; the last is for all that follow. A request's
/// body is read in the end if no step does.
/// </param>
internal sealed record Exchange(string Name, IReadOnlyList<Step> Client, params IReadOnlyList<IReadOnlyList<Step>> Upstream)
{
    public Setting Setting { get; init; }

    /// <summary>The methods of the client's requests, which tell how the answers end; there are as many answers.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [MethodOf(Client)];

    /// <summary>What the upstream sends on its first connection before it is asked.</summary>
    public string Unasked { get; init; } = "";

    public Freedom Freedom { get; init; }

    /// <summary>Whether the upstream's answer is not whole or not valid, so that the client must not take it for whole.</summary>
    public bool IsBroken { get; init; }

    /// <summary>Bytes of an answer's body that the upstream waits for the client to have before it goes on.</summary>
    public long BytesSurelySeen => Upstream.SelectMany(script => script)
        .Where(step => step is { Kind: StepKind.Await, Milestone: Milestone.AnswerBody })
        .Select(step => step.Count)
        .DefaultIfEmpty()
        .Max();

    /// <summary>One request and one answer, each sent at once; the upstream reads the request to its end first.</summary>
    public static Exchange Of(string name, string request, string answer) => new(name, [Step.Send(request)], [Step.ReadRest, Step.Send(answer)]);

    /// <summary>An answer that is not whole or not valid.</summary>
    public static Exchange Broken(string name, string request, params IReadOnlyList<Step> answer) =>
        new(name, [Step.Send(request)], [Step.ReadRest, .. answer]) { IsBroken = true, Freedom = Freedom.WhenAnswerBreaks };

    /// <summary>All that is done, a line each.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        text.AppendLine($"{Name} ({Setting})");
        AppendSteps(text, "client", Client);
        if (Unasked.Length > 0)
        {
            text.AppendLine($"  upstream unasked: {VisibleText.Of(Unasked)}");
        }

        foreach (IReadOnlyList<Step> script in Upstream)
        {
            AppendSteps(text, "upstream", script);
        }

        return text.ToString();
    }

    public override string ToString() => Name;

    private static void AppendSteps(StringBuilder text, string side, IReadOnlyList<Step> steps)
    {
        text.AppendLine($"  {side}:");
        const int Shown = 40;
        foreach (Step step in steps.Take(Shown))
        {
            text.AppendLine($"    {step}");
        }

        if (steps.Count > Shown)
        {
            text.AppendLine($"    … {steps.Count - Shown} more");
        }
    }

    private static string MethodOf(IReadOnlyList<Step> client)
    {
        IEnumerable<byte> sent = client.Where(step => step.Kind == StepKind.Send).SelectMany(step => step.Bytes.ToArray());
        return Encoding.Latin1.GetString([.. sent.TakeWhile(b => b is not ((byte)' ' or (byte)'\r' or (byte)'\n'))]);
    }
}
