using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>A sidecar answered that a command is wrong or cannot be done.</summary>
internal sealed class RefusedException : AdminException
{
    private const int MaxErrors = 100;
    private const int MaxMessageLength = 1000;

    private RefusedException(string code, IReadOnlyList<ControlError> errors, string answer)
        : base(string.Join('\n', errors))
    {
        Code = code;
        Errors = errors;
        Answer = answer;
    }

    /// <summary>The code of the answer as a whole.</summary>
    public string Code { get; }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<ControlError> Errors { get; }

    /// <summary>The answer as it came.</summary>
    public string Answer { get; }

    public override int ExitCode => ExitCodes.Of(Code);

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The whole answer.</param>
    /// <param name="error">What has <c>code</c> and <c>path</c>: a part of an answer over NATS, problem details themselves over HTTP.</param>
    /// <param name="message">The member that has the words: <c>message</c> or <c>detail</c>.</param>
    /// <returns><see langword="null"/> if it has no code, so that it does not come from a sidecar of this version.</returns>
    public static RefusedException? TryRead(JsonElement answer, JsonElement error, string message)
    {
        if (error.Find("code") is not { ValueKind: JsonValueKind.String })
        {
            return null;
        }

        ControlError whole = Read(error, error, message);
        ControlError[] all = [.. answer.Items("errors").Take(MaxErrors).Select(one => Read(one, error, "message"))];
        return new RefusedException(whole.Code, all.Length > 0 ? all : [whole], answer.GetRawText());
    }

    private static ControlError Read(JsonElement one, JsonElement whole, string message) => new(
        one.Find("code") is null ? whole.Text("code") : one.Text("code"),
        one.Find("path") is { ValueKind: JsonValueKind.String } path && !path.ValueEquals("$") ? one.Text("path", MaxMessageLength) : "",
        one.Text(message, MaxMessageLength));
}
