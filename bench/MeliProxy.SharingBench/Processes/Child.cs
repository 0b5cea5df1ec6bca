using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace MeliProxy.SharingBench.Processes;

/// <summary>A process that was started here, and ends with this one.</summary>
public sealed class Child : IDisposable
{
    private const int KillSignal = 9;
    private const int ContinueSignal = 18;
    private const int StopSignal = 19;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<Child, bool> All = new();

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly string _name;
    private int _outputsEnded;

    private Child(Process process, string name)
    {
        _process = process;
        _name = name;
        All[this] = true;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>A file that receives the id of every process that is started, for the script to make sure of their end.</summary>
    public static string? IdFile { get; set; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>User and system time so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static Child Start(string program, string folder, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        Child child = new(Process.Start(start)!, Path.GetFileName(program));
        if (IdFile is { } file)
        {
            lock (All)
            {
                File.AppendAllText(file, $"{child.Id}\n");
            }
        }

        return child;
    }

    public static void EndAll()
    {
        foreach (Child child in All.Keys)
        {
            child.Dispose();
        }
    }

    /// <summary>Waits until it prints a line with the text, and gives the line.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using CancellationTokenSource patience = new(StartPatience);
        List<string> seen = [];
        try
        {
            await foreach (string line in _lines.Reader.ReadAllAsync(patience.Token))
            {
                seen.Add(line);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // What it did print is said below.
        }

        throw new InvalidOperationException($"{_name} did not print '{text}' but:\n{string.Join('\n', seen)}");
    }

    /// <summary>Waits until it ends, and gives what it has printed and nobody has waited for.</summary>
    public async Task<IReadOnlyList<string>> ReadToEndAsync()
    {
        List<string> lines = [];
        await foreach (string line in _lines.Reader.ReadAllAsync())
        {
            lines.Add(line);
        }

        return lines;
    }

    public void Pause() => Signal(StopSignal);

    public void Resume() => Signal(ContinueSignal);

    /// <summary>Ends it without warning, also if it is paused.</summary>
    public void Dispose()
    {
        if (All.TryRemove(this, out _))
        {
            if (!_process.HasExited)
            {
                // It may have ended since.
                _ = Kill(_process.Id, KillSignal);

                // Without a limit it would also wait for the end of its output, which its own children may hold.
                _process.WaitForExit(EndPatience);
            }

            _process.Dispose();
        }
    }

    private void Signal(int signal)
    {
        if (Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"{_name} could not be sent signal {signal}");
        }
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Writer.TryWrite(line);
        }
        else if (Interlocked.Increment(ref _outputsEnded) == 2)
        {
            // Standard output and standard error have both ended.
            _lines.Writer.TryComplete();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int id, int signal);
}
