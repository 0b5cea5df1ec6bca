using System.Buffers.Binary;
using System.Security.Cryptography;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Snapshots;

namespace MeliProxy.Sidecar.Hosting.State;

/// <summary>The file that keeps the counts of local rules through a restart, with the secret that its keys are hashed by.</summary>
/// <remarks>
/// <code>
///  8  "meliprox"
///  4  version: 1, little-endian
/// 16  hash secret
///  …  snapshot, see QuotaLimiter.Snapshot
/// </code>
/// It is written beside its place and then put there, so there is always a whole one. A lock file keeps other processes off.
/// </remarks>
internal sealed class StateFile : IDisposable
{
    private const int Version = 1;
    private const int SecretLength = QuotaLimiterOptions<HttpContext>.HashSecretLength;
    private const int HeaderLength = 12 + SecretLength;

    private readonly FileStream _lock;
    private readonly byte[] _secret;

    private StateFile(string path, FileStream held, byte[] secret)
    {
        Path = path;
        _lock = held;
        _secret = secret;
    }

    public string Path { get; }

    /// <summary>What keys are to be hashed by.</summary>
    public ReadOnlyMemory<byte> Secret => _secret;

    private static ReadOnlySpan<byte> Magic => "meliprox"u8;

    /// <summary>Takes the file, or its place if there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="setAside">Where a file was put that is none of this kind; <see langword="null"/> if there was no such file.</param>
    /// <exception cref="IOException">Another process has it, or the disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read or written.</exception>
    public static StateFile Open(string path, out string? setAside)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream held = new(path + ".lock", OwnersOnly(FileMode.OpenOrCreate));
        try
        {
            setAside = null;
            byte[]? secret = File.Exists(path) ? ReadSecret(path) : RandomNumberGenerator.GetBytes(SecretLength);
            if (secret is null)
            {
                setAside = SetAside(path);
                secret = RandomNumberGenerator.GetBytes(SecretLength);
            }

            return new StateFile(path, held, secret);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Gives a limiter its counts back; nothing if there is no file yet.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; nothing has changed.</exception>
    public RestoreResult Restore(QuotaLimiter<HttpContext> limiter)
    {
        if (!File.Exists(Path))
        {
            return default;
        }

        using FileStream stream = File.OpenRead(Path);
        stream.Position = HeaderLength;
        return limiter.Restore(stream);
    }

    /// <summary>Puts a limiter's counts in the file; returns of how many keys.</summary>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    public long Write(QuotaLimiter<HttpContext> limiter)
    {
        string beside = Path + ".new";
        File.Delete(beside);
        long keys;
        using (FileStream stream = new(beside, OwnersOnly(FileMode.CreateNew)))
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
            _secret.CopyTo(header[12..]);
            stream.Write(header);
            keys = limiter.Snapshot(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, Path, overwrite: true);
        return keys;
    }

    /// <summary>Keeps a file that cannot be used where people can look at it; returns where.</summary>
    public string SetAside() => SetAside(Path);

    public void Dispose() => _lock.Dispose();

    /// <summary>How a file is opened for this process alone, and made for its user alone.</summary>
    private static FileStreamOptions OwnersOnly(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static string SetAside(string path)
    {
        string aside = path + ".bad";
        File.Move(path, aside, overwrite: true);
        return aside;
    }

    private static byte[]? ReadSecret(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> header = stackalloc byte[HeaderLength];
        return stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength
            && header.StartsWith(Magic)
            && BinaryPrimitives.ReadInt32LittleEndian(header[8..]) == Version
            ? header[12..].ToArray()
            : null;
    }
}
