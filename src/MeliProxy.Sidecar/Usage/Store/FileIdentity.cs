using System.Runtime.InteropServices;
using System.Text;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Which file a path leads to, and whether it is a regular one. .NET tells neither; other systems than Linux are only asked whether it exists.</summary>
/// <param name="IsRegular">Whether it is a file, and no folder, pipe or device.</param>
/// <param name="Device">The file system.</param>
/// <param name="Number">The file's number in it.</param>
internal readonly record struct FileIdentity(bool IsRegular, ulong Device, ulong Number)
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;

    /// <summary>What is at a path, at the end of links; <see langword="null"/> if nothing is.</summary>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                byte[] stats = new byte[256];
                return Statx(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, BasicStats, stats) == 0 ? Read(stats) : null;
            }
            catch (EntryPointNotFoundException)
            {
                // A library of C that is older than the call.
            }
        }

        return File.Exists(path) ? new FileIdentity(true, 0, 0) : Directory.Exists(path) ? new FileIdentity(false, 0, 0) : null;
    }

    private static FileIdentity Read(ReadOnlySpan<byte> stats)
    {
        int type = MemoryMarshal.Read<ushort>(stats[28..]) & TypeMask;
        return new FileIdentity(type == RegularType, MemoryMarshal.Read<ulong>(stats[136..]), MemoryMarshal.Read<ulong>(stats[32..]));
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] stats);
}
