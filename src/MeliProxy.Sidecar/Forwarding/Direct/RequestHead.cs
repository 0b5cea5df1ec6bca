using System.Buffers;
using System.Buffers.Text;
using System.Net;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Writes the head of a request for an upstream, as YARP and .NET's HTTP client would.</summary>
internal sealed class RequestHead(ClientAddressResolver clients)
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";
    private const string Prefix = "X-Forwarded-Prefix";
    private const string Forwarded = "Forwarded";

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    [ThreadStatic]
    private static KeyValuePair<string, StringValues>[]? t_fields;

    /// <summary>Writes it.</summary>
    /// <param name="head">Where to; what is there is overwritten.</param>
    /// <param name="context">The request.</param>
    /// <param name="target">Its target.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="forwarded">Who says whom it comes from.</param>
    /// <param name="body">How its body is framed.</param>
    public void Write(
        HeadBuffer head, HttpContext context, string target, DirectDestination destination, ForwardedHeaders forwarded, RequestFraming body)
    {
        HttpRequest request = context.Request;
        head.Clear();
        head.Write(HttpMethods.GetCanonicalizedValue(request.Method));
        head.Write(" "u8);
        head.Write(destination.TargetPrefix);
        head.Write(target);
        head.Write(destination.HostLine);
        WriteFields(head, context, forwarded);
        switch (body)
        {
            case RequestFraming.Length:
                head.Write("Content-Length: "u8);
                head.Write(request.ContentLength.GetValueOrDefault());
                head.Write("\r\n\r\n"u8);
                break;
            case RequestFraming.Chunked:
                head.Write("Transfer-Encoding: chunked\r\n\r\n"u8);
                break;
            default:
                head.Write("\r\n"u8);
                break;
        }
    }

    private void WriteFields(HeadBuffer head, HttpContext context, ForwardedHeaders forwarded)
    {
        ForwardedHeader? believed = forwarded == ForwardedHeaders.Trusted ? clients.BelievedHeader(context) : null;
        bool hasProto = false;
        bool hasHost = false;
        bool hasFor = false;
        foreach ((string name, StringValues values) in Fields(context.Request.Headers))
        {
            switch (name.Length)
            {
                case 4 when Is(name, "Host"):
                case 14 when Is(name, "Content-Length"):
                    continue;
                case 9 when Is(name, Forwarded):
                    if (believed == ForwardedHeader.Forwarded)
                    {
                        break;
                    }

                    continue;
                case 15 when Is(name, For):
                    if (believed == ForwardedHeader.XForwardedFor)
                    {
                        WriteFor(head, values, context.Connection.RemoteIpAddress);
                        hasFor = true;
                    }

                    continue;
                case 17 when Is(name, Proto):
                    if (believed is null)
                    {
                        continue;
                    }

                    hasProto = true;
                    break;
                case 16 when Is(name, Host):
                    if (believed is null)
                    {
                        continue;
                    }

                    hasHost = true;
                    break;
                case 18 when forwarded == ForwardedHeaders.Replaced && Is(name, Prefix):
                    continue;
            }

            // A name that is none could be read in two ways; the server lets some through.
            if (!HopByHop.Contains(name) && !name.AsSpan().ContainsAnyExcept(TokenChars))
            {
                WriteField(head, name, values);
            }
        }

        if (!hasFor)
        {
            WriteFor(head, StringValues.Empty, context.Connection.RemoteIpAddress);
        }

        if (!hasProto)
        {
            WriteField(head, Proto, context.Request.Scheme);
        }

        if (!hasHost && context.Request.Host is { HasValue: true } host)
        {
            WriteField(head, Host, host.ToUriComponent());
        }
    }

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    /// <summary>The fields of a request. Copied rather than enumerated, since an enumerator of them is allocated.</summary>
    private static ReadOnlySpan<KeyValuePair<string, StringValues>> Fields(IHeaderDictionary headers)
    {
        int count = headers.Count;
        KeyValuePair<string, StringValues>[] fields = t_fields ??= new KeyValuePair<string, StringValues>[32];
        if (fields.Length < count)
        {
            t_fields = fields = new KeyValuePair<string, StringValues>[count * 2];
        }

        headers.CopyTo(fields, 0);
        return fields.AsSpan(0, count);
    }

    /// <summary>Several values of a name are one line, separated as that field has it. What would end the line is left out with the field.</summary>
    private static void WriteField(HeadBuffer head, string name, StringValues values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                return;
            }
        }

        head.Write(name);
        head.Write(": "u8);
        head.Write(values[0]);
        for (int i = 1; i < values.Count; i++)
        {
            head.Write(SeparatorOf(name));
            head.Write(values[i]);
        }

        head.Write("\r\n"u8);
    }

    private static ReadOnlySpan<byte> SeparatorOf(string name) => name.Length switch
    {
        6 when Is(name, "Cookie") => "; "u8,
        10 when Is(name, "User-Agent") => " "u8,
        _ => ", "u8,
    };

    private static void WriteFor(HeadBuffer head, StringValues others, IPAddress? client)
    {
        if (others.Count == 0 && client is null)
        {
            return;
        }

        head.Write(For);
        head.Write(": "u8);
        for (int i = 0; i < others.Count; i++)
        {
            head.Write(others[i] ?? "");
            if (i + 1 < others.Count || client is not null)
            {
                head.Write(", "u8);
            }
        }

        if (client is not null)
        {
            WriteAddress(head, client);
        }

        head.Write("\r\n"u8);
    }

    private static void WriteAddress(HeadBuffer head, IPAddress address)
    {
        const int MaxAddress = 65;
        Span<byte> room = head.Room(MaxAddress);
        if (!address.IsIPv4MappedToIPv6)
        {
            address.TryFormat(room, out int written);
            head.Advance(written);
            return;
        }

        Span<byte> bits = stackalloc byte[16];
        address.TryWriteBytes(bits, out _);
        int length = 0;
        for (int i = 12; i < 16; i++)
        {
            Utf8Formatter.TryFormat(bits[i], room[length..], out int written);
            length += written;
            if (i < 15)
            {
                room[length++] = (byte)'.';
            }
        }

        head.Advance(length);
    }
}
