using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>The published binary while it runs.</summary>
public sealed partial class SidecarProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Suspend = 19;

    private readonly Process _process;
    private readonly TemporaryFolder? _folder;
    private readonly StringBuilder _output = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private SidecarProcess(Process process, TemporaryFolder? folder)
    {
        _process = process;
        _folder = folder;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
    }

    public HttpClient Client { get; }

    /// <summary>The id of the process.</summary>
    public int Id => _process.Id;

    public string StartLine { get; private set; } = "";

    public Uri AdminAddress => new(AdminPattern().Match(StartLine).Value);

    /// <summary>Everything printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The most memory that the process has had in RAM, in MiB.</summary>
    public double PeakMemory =>
        double.Parse(PeakPattern().Match(File.ReadAllText($"/proc/{_process.Id}/status")).Groups[1].Value, CultureInfo.InvariantCulture) / 1024;

    public static Task<SidecarProcess> StartAsync(PublishedBinary binary, params string[] arguments)
    {
        TemporaryFolder folder = new();
        return StartAsync(binary, folder, folder.Path, arguments);
    }

    /// <summary>Starts it in a working folder of the test's.</summary>
    public static Task<SidecarProcess> StartInAsync(PublishedBinary binary, string workingFolder, params string[] arguments) =>
        StartAsync(binary, null, workingFolder, arguments);

    private static async Task<SidecarProcess> StartAsync(
        PublishedBinary binary, TemporaryFolder? folder, string workingFolder, string[] arguments)
    {
        ProcessStartInfo start = new(binary.Path, [.. arguments, "--listen", "http://127.0.0.1:0", "--admin", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };
        SidecarProcess sidecar = new(Process.Start(start)!, folder);
        sidecar.StartLine = await sidecar.WaitForLineAsync("listens on");
        sidecar.Client.BaseAddress = new Uri(AddressPattern().Match(sidecar.StartLine).Value);
        return sidecar;
    }

    public async Task<string> WaitForLineAsync(string text)
    {
        await foreach (string line in _lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"it ended before it printed '{text}': {Output}");
    }

    /// <summary>Keeps it from running.</summary>
    public void Pause() => Assert.Equal(0, Kill(_process.Id, Suspend));

    /// <summary>Lets it run again.</summary>
    public void Resume() => Assert.Equal(0, Kill(_process.Id, Continue));

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Asks it to stop and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, Kill(_process.Id, Terminate));
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder?.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        _lines.Writer.TryWrite(line);
    }

    [GeneratedRegex(@"(?<=listens on )http://[^ ,]+")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"(?<=admin on )http://[^ ,)]+")]
    private static partial Regex AdminPattern();

    [GeneratedRegex(@"VmHWM:\s+(\d+) kB")]
    private static partial Regex PeakPattern();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
