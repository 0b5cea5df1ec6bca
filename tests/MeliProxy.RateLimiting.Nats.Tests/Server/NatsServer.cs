using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MeliProxy.RateLimiting.Nats.Tests.Server;

/// <summary>A NATS server of a test's own: a loopback port of its own, data in a temporary folder, gone afterwards.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nats-server";
    private const int Attempts = 5;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("nats-server-").FullName;
    private readonly string[] _arguments;
    private Process? _process;

    private NatsServer(string[] arguments) => _arguments = arguments;

    public int Port { get; private set; }

    public string Url => $"nats://127.0.0.1:{Port}";

    /// <summary>Starts a server with JetStream.</summary>
    public static Task<NatsServer> StartAsync(params string[] arguments) => StartAloneAsync(["-js", .. arguments]);

    /// <summary>Starts a server with what the arguments say, and nothing else.</summary>
    public static async Task<NatsServer> StartAloneAsync(params string[] arguments)
    {
        NatsServer server = await ReserveAsync(arguments);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // Another process took the port that was free.
                server.Port = FreePort();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts a server with a configuration file.</summary>
    public static async Task<NatsServer> StartConfiguredAsync(string configuration)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, configuration);
        try
        {
            return await StartAloneAsync("-c", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A server that is not started yet.</summary>
    public static Task<NatsServer> ReserveAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (Debian package nats-server).");
        return Task.FromResult(new NatsServer(arguments) { Port = FreePort() });
    }

    /// <summary>Starts it, or starts it again on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<string> lines = [];
        string port = Port.ToString(CultureInfo.InvariantCulture);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Program, ["-a", "127.0.0.1", "-p", port, "-sd", _folder, .. _arguments])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            },
        };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lines.Add(line.Data ?? "");
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException($"nats-server ended:\n{string.Join('\n', lines)}"));
            }
            else if (line.Data.Contains("Server is ready", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(StartTimeout);
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Loses all data; not while it runs.</summary>
    public void Empty() => Directory.Delete(_folder, recursive: true);

    /// <summary>Copies the data as they are now; not while it runs, or what it writes just now may be missing.</summary>
    public void CopyTo(string folder) => Copy(_folder, folder);

    /// <summary>Puts data back that were copied; not while it runs.</summary>
    public void Restore(string folder)
    {
        Empty();
        Copy(folder, _folder);
    }

    /// <summary>Keeps it from running; its connections stay open.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it run again.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Not one of those that the system deals out, lest somebody else is dealt it before it is used.</summary>
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, Random.Shared.Next(15_000, 30_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process!.Id}")]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
