using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Control;
using MeliProxy.Sidecar.Http;
using Microsoft.Net.Http.Headers;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The commands as REST: the path and method say which, and the answers are those of the commands.</summary>
internal sealed class CommandEndpoints(SidecarCommands commands)
{
    private const string Root = "/api/v1";
    private const string JsonType = "application/json";

    public void Map(WebApplication app)
    {
        app.MapGet($"{Root}/rules", context => ReadAsync(context, "rules.list"));
        app.MapPut($"{Root}/rules", context => ChangeAsync(context, "rules.import"));
        app.MapGet($"{Root}/rules/{{name}}", context => ReadAsync(context, "rules.get", Name(context, "name")));
        app.MapPut($"{Root}/rules/{{name}}", context => ChangeAsync(context, "rules.put", Name(context, "name")));
        app.MapDelete($"{Root}/rules/{{name}}", context => ChangeAsync(context, "rules.delete", Name(context, "name")));
        app.MapPut($"{Root}/mode", context => ChangeAsync(context, "rules.mode"));
        app.MapPost($"{Root}/rollback", context => ChangeAsync(context, "rules.rollback"));
        app.MapDelete($"{Root}/scheduled/{{id:long}}", context => ChangeAsync(context, "rules.cancel", Id(context)));
        app.MapGet($"{Root}/overrides", context => ReadAsync(context, "overrides.list"));
        app.MapGet($"{Root}/rules/{{name}}/overrides/{{**key}}", context => KeyPath.Read(context) is { } key
            ? ReadAsync(context, "overrides.list", Name(context, "rule"), ("key", key))
            : ReadAsync(context, "overrides.list", Name(context, "rule")));
        app.MapPut($"{Root}/rules/{{name}}/overrides/{{**key}}", context =>
            ChangeAsync(context, "overrides.put", Name(context, "rule"), ("key", KeyPath.Read(context) ?? [])));
        app.MapDelete($"{Root}/rules/{{name}}/overrides/{{**key}}", context =>
            ChangeAsync(context, "overrides.delete", Name(context, "rule"), ("key", KeyPath.Read(context) ?? [])));
        app.MapGet($"{Root}/audit", context => ReadAsync(context, "audit"));
        app.MapGet($"{Root}/usage", context => ReadAsync(context, SidecarCommands.UsageQuery));
        app.MapGet($"{Root}/traffic", context => ReadAsync(context, SidecarCommands.TrafficQuery));
        app.MapGet($"{Root}/top", context => ReadAsync(context, SidecarCommands.Top));
        app.MapGet($"{Root}/nodes", context => ReadAsync(context, SidecarCommands.Nodes));
    }

    private static (string, object) Name(HttpContext context, string member) => (member, (string)context.Request.RouteValues["name"]!);

    private static (string, object) Id(HttpContext context) =>
        ("id", long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture));

    private async Task ReadAsync(HttpContext context, string command, params (string, object)[] path) =>
        await AnswerAsync(context, command, AdminRequestBody.OfQuery(context.Request.Query, path));

    private async Task ChangeAsync(HttpContext context, string command, params (string, object)[] path)
    {
        if (await ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        if (FindUnmet(context, out long? expected) is { } unmet)
        {
            await RefuseAsync(context, unmet);
            return;
        }

        body = AdminRequestBody.OfBody(body, path, expected, out string? contradiction);
        if (contradiction is not null)
        {
            await RefuseAsync(context, new CommandReply(
                CommandError.InvalidRequest, [new RuleError($"$.{contradiction}", "differs from what the path says")], null));
            return;
        }

        await AnswerAsync(context, command, body);
    }

    private async Task AnswerAsync(HttpContext context, string command, ReadOnlyMemory<byte> body)
    {
        CommandOrigin origin = new("rest", OperatorOf(context));
        CommandReply reply = await commands.RunAsync(command, body, origin, context.RequestAborted);
        if (reply.Code is not null)
        {
            await RefuseAsync(context, reply);
            return;
        }

        context.Response.StatusCode = reply.IsNew && HttpMethods.IsPut(context.Request.Method)
            ? StatusCodes.Status201Created
            : StatusCodes.Status200OK;
        context.Response.ContentType = JsonType;
        SetTag(context, reply);
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Problem.Readable);
        writer.WriteStartObject();
        reply.WriteMembers(writer);
        writer.WriteEndObject();
    }

    /// <summary>Who sends a request, by the token or the certificate that was shown.</summary>
    private static string? OperatorOf(HttpContext context) => context.Features.Get<OperatorFeature>()?.Name
        ?? context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static void SetTag(HttpContext context, CommandReply reply)
    {
        if (reply.Revision is { } revision)
        {
            context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
        }
    }

    private static Task RefuseAsync(HttpContext context, CommandReply reply)
    {
        SetTag(context, reply);
        RuleError first = reply.Errors[0];
        (int status, string title) = reply.Code switch
        {
            CommandError.UnknownRule or CommandError.UnknownOverride or CommandError.UnknownRevision or CommandError.UnknownId
                or CommandError.UnknownCommand => (404, "Not found"),
            CommandError.Conflict => (409, "Conflict"),
            CommandError.StaleRevision => (412, "The rules have changed"),
            CommandError.TooLarge => (413, "Too large"),
            CommandError.Unavailable => (503, "Unavailable"),
            CommandError.Internal => (500, "Failed"),
            _ => (400, "Not valid"),
        };
        return Problem.WriteAsync(context, status, title, $"{first.Path}: {first.Message}.", writer =>
        {
            writer.WriteString("code", reply.Code);
            writer.WriteString("path", first.Path);
            if (reply.Revision is { } revision)
            {
                writer.WriteNumber("revision", revision);
            }

            writer.WriteStartArray("errors");
            foreach (RuleError error in reply.Errors)
            {
                writer.WriteStartObject();
                writer.WriteString("code", reply.Code);
                writer.WriteString("message", error.Message);
                writer.WriteString("path", error.Path);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    /// <summary>The body; <see langword="null"/> if it cannot be taken, which then is answered.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context)
    {
        // A page of another site could send any other type without the browser asking first.
        bool isJson = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals(JsonType, StringComparison.OrdinalIgnoreCase);
        bool isEmpty = context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey(HeaderNames.TransferEncoding);
        if (!isJson && !(isEmpty && HttpMethods.IsDelete(context.Request.Method)))
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", $"Send JSON, with 'Content-Type: {JsonType}'.");
            return null;
        }

        try
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
        catch (BadHttpRequestException e)
        {
            CommandReply reply = new(
                CommandError.TooLarge, [new RuleError("$", $"may have {AdminRequestBody.MaxLength} bytes at most")], null);
            await (e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? RefuseAsync(context, reply)
                : Problem.WriteAsync(context, e.StatusCode, "Not valid", "The body could not be read."));
            return null;
        }
    }

    /// <summary>Reads <c>If-Match</c> and <c>If-None-Match: *</c>.</summary>
    /// <returns>What is answered if one of them is not met; otherwise <see langword="null"/>.</returns>
    private CommandReply? FindUnmet(HttpContext context, out long? expected)
    {
        expected = null;
        RuleDocument document = commands.Rules.Document;
        string match = context.Request.Headers.IfMatch.ToString();
        if (match.Length > 0 && match != "*")
        {
            bool isTag = match is ['"', .., '"']
                && long.TryParse(match.AsSpan(1, match.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
                && (expected = revision) is not null;
            return isTag
                ? null
                : new CommandReply(
                    CommandError.InvalidRequest,
                    [new RuleError("$", "If-Match takes the ETag of an answer with its quotes, such as \"7\", or *")],
                    document.Revision);
        }

        bool mustBeNew = context.Request.Headers.IfNoneMatch == "*";
        bool isThere = context.Request.RouteValues["name"] is string name
            && (context.Request.RouteValues.ContainsKey("key")
                ? KeyPath.Read(context) is { } key && document.Rules.Overrides.Any(o => o.Rule == name && o.Key.SequenceEqual(key))
                : document.Rules.TryGet(name, out _));
        if (mustBeNew)
        {
            expected = document.Revision;
        }

        return (mustBeNew, match == "*", isThere) switch
        {
            (true, _, true) => Unmet("there is one already, and If-None-Match: * is for making one"),
            (_, true, false) => Unmet("there is none, and If-Match: * is for changing one"),
            _ => null,
        };

        CommandReply Unmet(string message) => new(CommandError.StaleRevision, [new RuleError("$", message)], document.Revision);
    }
}
