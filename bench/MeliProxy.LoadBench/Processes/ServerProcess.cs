using System.Diagnostics;
using System.Globalization;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench.Processes;

/// <summary>A server with all its processes, pinned to a core from its first instruction on.</summary>
public sealed class ServerProcess : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly Child _child;
    private bool _isDisposed;

    private ServerProcess(Child child) => _child = child;

    public bool HasExited => _child.HasExited;

    /// <summary>User and system time of all its processes so far.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Ids().Sum(ReadTicks) / TicksPerSecond);

    /// <summary>Megabytes resident now, in all its processes.</summary>
    public double Memory => Ids().Sum(id => ReadMegabytes(id, "VmRSS"));

    /// <summary>The most megabytes resident since <see cref="ResetPeakMemory"/>, in all its processes.</summary>
    public double PeakMemory => Ids().Sum(id => ReadMegabytes(id, "VmHWM"));

    /// <param name="core">The only core that it sees, so that it starts as many threads as fit there.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="environment">Variables of the form <c>NAME=value</c>.</param>
    /// <param name="command">The program and its arguments.</param>
    public static ServerProcess Start(string core, string folder, IEnumerable<string> environment, IEnumerable<string> command) =>
        new(Child.Start("env", folder, [.. environment, "taskset", "-c", core, .. command]));

    public void ResetPeakMemory()
    {
        foreach (int id in Ids())
        {
            File.WriteAllText($"/proc/{id}/clear_refs", "5");
        }
    }

    /// <summary>Tells the script of the processes that it started itself, once it has.</summary>
    public void TellOfChildren() => File.AppendAllLines(Child.IdFile!, Ids().Skip(1).Select(id => $"{id}"));

    public Task<IReadOnlyList<string>> ReadToEndAsync() => _child.ReadToEndAsync();

    /// <summary>Ends all its processes; those it started would outlive it if it alone was killed.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        // A parent that is paused does not replace its children.
        _isDisposed = true;
        if (!_child.HasExited)
        {
            _child.Pause();
        }

        foreach (int id in Ids().Skip(1).ToArray())
        {
            try
            {
                using Process process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }

        _child.Dispose();
    }

    private IEnumerable<int> Ids() => WithChildren(_child.Id);

    private static IEnumerable<int> WithChildren(int id)
    {
        yield return id;
        if (!Directory.Exists($"/proc/{id}/task"))
        {
            yield break;
        }

        foreach (string task in Directory.GetDirectories($"/proc/{id}/task"))
        {
            foreach (string child in Read(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                foreach (int descendant in WithChildren(int.Parse(child, CultureInfo.InvariantCulture)))
                {
                    yield return descendant;
                }
            }
        }
    }

    private static double ReadTicks(int id)
    {
        // The name, in parentheses, may have spaces. What follows it begins with the third field; user and system time are the 14th and 15th.
        string stat = Read($"/proc/{id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static double ReadMegabytes(int id, string field)
    {
        string line = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>The text of a file that goes with its thread; nothing if it has gone.</summary>
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
