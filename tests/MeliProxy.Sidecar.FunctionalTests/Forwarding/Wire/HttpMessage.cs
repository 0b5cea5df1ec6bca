using System.Globalization;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

/// <summary>A request or an answer as it came over the wire, and what is wrong with how it is written.</summary>
internal sealed class HttpMessage(string startLine)
{
    public string StartLine { get; } = startLine;

    public List<(string Name, string Value)> Headers { get; } = [];

    public MemoryStream Body { get; } = new();

    public List<(string Name, string Value)> Trailers { get; } = [];

    public Framing Framing { get; private set; }

    /// <summary>Whether the head has come to its end.</summary>
    public bool HasHead { get; set; }

    /// <summary>Whether all of it has come to its end as its framing tells.</summary>
    public bool IsComplete { get; set; }

    /// <summary>What a recipient could not be sure to read as it is meant.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Bytes to come of the body, or of its chunk.</summary>
    public long Remaining { get; set; }

    public string Method => StartLine.Split(' ')[0];

    public string Target => StartLine.Split(' ') is [_, var target, _] ? target : "";

    /// <summary>The status of an answer; 0 if there is none.</summary>
    public int Status =>
        StartLine.Split(' ', 3) is ["HTTP/1.1" or "HTTP/1.0", { Length: 3 } status, _] && int.TryParse(status, NumberStyles.None, null, out int value)
            ? value
            : 0;

    /// <summary>An answer that another one follows.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    public IEnumerable<string> Values(string name) =>
        Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);

    /// <summary>Finds out where the body of a request ends.</summary>
    public void FrameRequest()
    {
        if (StartLine.Split(' ') is not [{ Length: > 0 }, { Length: > 0 }, "HTTP/1.1"])
        {
            Faults.Add("request line");
        }

        Frame(Framing.None);
    }

    /// <summary>Finds out where the body of an answer ends.</summary>
    public void FrameAnswer(string method)
    {
        if (Status == 0)
        {
            Faults.Add("status line");
        }

        // After 101 the connection speaks something else.
        Frame(Framing.Close);
        if (Status is 204 or 304 || IsInterim || method == "HEAD")
        {
            Framing = Framing.None;
        }
        else if (Status == 101)
        {
            Framing = Framing.Close;
        }

        IsComplete = Framing == Framing.None || (Framing == Framing.Length && Remaining == 0);
    }

    private void Frame(Framing otherwise)
    {
        string[] encodings = [.. Values("Transfer-Encoding")];
        string[] lengths = [.. Values("Content-Length")];
        Framing = encodings.Length > 0 ? Framing.Chunked : lengths.Length > 0 ? Framing.Length : otherwise;
        if (encodings.Length > 0 && (encodings is not [var only] || !only.Equals("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            Faults.Add("Transfer-Encoding");
        }

        if (lengths.Length + encodings.Length > 1)
        {
            Faults.Add("framed twice");
        }

        if (Framing == Framing.Length)
        {
            if (!long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out long length))
            {
                Faults.Add("Content-Length");
            }

            Remaining = length;
        }

        IsComplete = Framing == Framing.None || (Framing == Framing.Length && Remaining == 0);
    }
}
