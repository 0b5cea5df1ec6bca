using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>One line an event: time, level, message, and where it comes from if that is not this program.</summary>
internal sealed class LineFormatter : ConsoleFormatter
{
    public const string FormatterName = "line";
    public const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    private readonly TimeProvider _time;

    public LineFormatter()
        : this(TimeProvider.System)
    {
    }

    internal LineFormatter(TimeProvider time)
        : base(FormatterName) => _time = time;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(_time.GetUtcNow().ToString(TimestampFormat, CultureInfo.InvariantCulture));
        textWriter.Write(logEntry.LogLevel switch
        {
            LogLevel.Trace => " trace ",
            LogLevel.Debug => " debug ",
            LogLevel.Information => " info  ",
            LogLevel.Warning => " warn  ",
            LogLevel.Error => " error ",
            _ => " fatal ",
        });
        WriteOnOneLine(textWriter, message);
        if (!logEntry.Category.StartsWith("MeliProxy.", StringComparison.Ordinal))
        {
            textWriter.Write($" ({logEntry.Category})");
        }

        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(": ");
            WriteOnOneLine(textWriter, exception.ToString());
        }

        textWriter.WriteLine();
    }

    /// <summary>Text from a request must not be able to pass for lines, or for colours, of this log.</summary>
    private static void WriteOnOneLine(TextWriter writer, string text)
    {
        foreach (char c in text)
        {
            writer.Write(char.IsControl(c) ? ' ' : c);
        }
    }
}
