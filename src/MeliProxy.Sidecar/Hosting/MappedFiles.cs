using System.Globalization;
using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>The parts of the binary and of libraries that are in memory because something has been read there once.</summary>
internal static partial class MappedFiles
{
    /// <summary>MADV_DONTNEED of madvise(2).</summary>
    private const int NotNeeded = 4;

    /// <summary>
    /// Lets go of all that the system can get again from the files, and does when it is read: code, and data that is as in the file.
    /// </summary>
    /// <remarks>
    /// The parts are those that proc_pid_smaps(5) shows as private, not writable and without a page of their own. The system keeps them in its
    /// cache of files, so that to read there again takes a page fault and no disk, as long as it has memory to spare.
    /// </remarks>
    public static void LetGo()
    {
        const string Smaps = "/proc/self/smaps";
        if (!OperatingSystem.IsLinux() || !File.Exists(Smaps))
        {
            return;
        }

        (nint Start, nint Length) candidate = default;
        foreach (string line in File.ReadLines(Smaps))
        {
            if (TryReadMapping(line, out (nint Start, nint Length) mapping))
            {
                candidate = mapping;
            }
            else if (candidate.Length > 0 && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (line.EndsWith(" 0 kB", StringComparison.Ordinal))
                {
                    _ = Advise(candidate.Start, candidate.Length, NotNeeded);
                }

                candidate = default;
            }
        }
    }

    /// <summary>Reads a line such as <c>5581-5582 r-xp 00001000 08:01 1234 /usr/bin/x</c>.</summary>
    /// <returns>Whether it is one; <paramref name="mapping"/> is empty if that is not private, readable, not writable and of a file.</returns>
    private static bool TryReadMapping(string line, out (nint Start, nint Length) mapping)
    {
        // Other lines begin with a word, whose first letter is a capital.
        mapping = default;
        int dash = line.IndexOf('-');
        if (dash <= 0 || !char.IsAsciiHexDigitLower(line[0]))
        {
            return false;
        }

        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length > 5
            && fields[5].StartsWith('/')
            && fields[1] is ['r', '-', _, 'p']
            && nint.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint from)
            && nint.TryParse(fields[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint to))
        {
            mapping = (from, to - from);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nint length, int advice);
}
