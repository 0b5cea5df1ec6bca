using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>What is answered to a command.</summary>
public sealed class CommandReply
{
    private readonly Action<Utf8JsonWriter>? _members;

    /// <summary>Says that a command was carried out.</summary>
    /// <param name="revision">The revision in force; <see langword="null"/> if the command has nothing to do with it.</param>
    /// <param name="members">Writes the members of the answer beside the revision.</param>
    public CommandReply(long? revision, Action<Utf8JsonWriter> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        Revision = revision;
        _members = members;
    }

    /// <summary>Says that a command was not carried out.</summary>
    /// <param name="code">One of <see cref="CommandError"/>.</param>
    /// <param name="errors">What is wrong and where; at least one.</param>
    /// <param name="revision">The revision in force; <see langword="null"/> if it is not known.</param>
    public CommandReply(string code, IReadOnlyList<RuleError> errors, long? revision)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(errors);
        ArgumentOutOfRangeException.ThrowIfZero(errors.Count);
        Code = code;
        Errors = errors;
        Revision = revision;
    }

    /// <summary>One of <see cref="CommandError"/>; <see langword="null"/> if the command was carried out.</summary>
    public string? Code { get; }

    /// <summary>What is wrong and where, as JSON paths of the command's body.</summary>
    public IReadOnlyList<RuleError> Errors { get; } = [];

    /// <summary>The revision in force after the command; <see langword="null"/> if it is not known.</summary>
    public long? Revision { get; }

    /// <summary>Whether the command made something that there was not before.</summary>
    public bool IsNew { get; internal init; }

    /// <summary>Writes the members of the answer: the result, or <c>error</c> and <c>errors</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Revision is { } revision)
        {
            writer.WriteNumber("revision", revision);
        }

        if (Code is null)
        {
            _members!(writer);
            return;
        }

        writer.WritePropertyName("error");
        Write(writer, Errors[0]);
        if (Errors.Count > 1)
        {
            writer.WriteStartArray("errors");
            foreach (RuleError error in Errors)
            {
                Write(writer, error);
            }

            writer.WriteEndArray();
        }
    }

    /// <summary>The answer as one JSON object, with <c>ok</c> first.</summary>
    public ReadOnlyMemory<byte> ToJson() => JsonText.BytesOf(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ok", Code is null);
        WriteMembers(writer);
        writer.WriteEndObject();
    });

    private void Write(Utf8JsonWriter writer, RuleError error)
    {
        writer.WriteStartObject();
        writer.WriteString("code", Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("path", error.Path);
        writer.WriteEndObject();
    }
}
