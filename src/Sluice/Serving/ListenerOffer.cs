using System.Buffers.Binary;
using System.Text;
using Sluice.Engine.Unix;

namespace Sluice.Serving;

/// <summary>
/// What goes from a process that hands over its listener to its successor: the offer with the descriptor, an answer, and the end of the
/// stream when the one accepts no more.
/// </summary>
internal readonly record struct ListenerOffer(string? Path, bool DeletesFile)
{
    /// <summary>How long either waits for the other.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What the successor answers when it has the listener.</summary>
    public static readonly byte[] Taken = [1];

    // PATH_MAX, linux/limits.h.
    private const int MaxPathBytes = 4096;
    private const int HeaderLength = 19;

    private static ReadOnlySpan<byte> Magic => "sluice listener1"u8;

    /// <summary>The longest there is.</summary>
    public static int MaxLength => HeaderLength + MaxPathBytes;

    public byte[] ToBytes()
    {
        byte[] path = Encoding.UTF8.GetBytes(Path ?? string.Empty);
        byte[] bytes = new byte[HeaderLength + path.Length];
        Magic.CopyTo(bytes);
        bytes[Magic.Length] = DeletesFile ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Magic.Length + 1), (ushort)path.Length);
        path.CopyTo(bytes, HeaderLength);
        return bytes;
    }

    /// <summary>The offer, if it is there as a whole.</summary>
    /// <exception cref="InvalidDataException">This is something else.</exception>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ListenerOffer offer)
    {
        offer = default;
        if (!bytes[..Math.Min(bytes.Length, Magic.Length)].SequenceEqual(Magic[..Math.Min(bytes.Length, Magic.Length)]))
        {
            throw new InvalidDataException("What came is no offer of a listener.");
        }

        if (bytes.Length < HeaderLength)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(Magic.Length + 1)..]);
        if (length > MaxPathBytes)
        {
            throw new InvalidDataException($"The offer of a listener names a path of {length} bytes; {MaxPathBytes} are possible.");
        }

        if (bytes.Length < HeaderLength + length)
        {
            return false;
        }

        string path = Encoding.UTF8.GetString(bytes.Slice(HeaderLength, length));
        offer = new ListenerOffer(path.Length > 0 ? path : null, bytes[Magic.Length] != 0);
        return true;
    }

    /// <summary>A listener goes only from a process of this user, or of root, to another.</summary>
    /// <exception cref="UnauthorizedAccessException">The peer is somebody else.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static void Check(StreamSocket peer)
    {
        PeerCredentials credentials = OperatingSystem.IsLinux()
            ? peer.PeerCredentials
            : throw new PlatformNotSupportedException("Handing over a listener needs Linux.");
        uint own = CredentialReader.OwnUserId();
        if (credentials.UserId != own && credentials.UserId != 0)
        {
            throw new UnauthorizedAccessException(
                $"Process {credentials.ProcessId} of user {credentials.UserId} is neither root's nor user {own}'s: no listener goes there or comes from there.");
        }
    }
}
