using System.Buffers.Binary;
using System.Text;
using Sluice.Engine.Unix;

namespace Sluice.Serving;

/// <summary>
/// Represents the message of a hand-over. The predecessor sends this offer with the descriptor, the successor sends an answer, and the predecessor closes
/// the connection when it no longer accepts.
/// </summary>
internal readonly record struct ListenerOffer(string? Path, bool DeletesFile)
{
    /// <summary>The time that each side waits for the other.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The answer of a successor that has the listener.</summary>
    public static readonly byte[] Accepted = [1];

    // PATH_MAX, linux/limits.h.
    private const int MaxPathBytes = 4096;
    private const int HeaderLength = 19;

    private static ReadOnlySpan<byte> Magic => "sluice listener1"u8;

    /// <summary>Gets the length of the longest offer.</summary>
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

    /// <summary>Parses an offer. False if it is incomplete.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an offer.</exception>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ListenerOffer offer)
    {
        offer = default;
        if (!bytes[..Math.Min(bytes.Length, Magic.Length)].SequenceEqual(Magic[..Math.Min(bytes.Length, Magic.Length)]))
        {
            throw new InvalidDataException("The bytes that came are not the offer of a listener.");
        }

        if (bytes.Length < HeaderLength)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(Magic.Length + 1)..]);
        if (length > MaxPathBytes)
        {
            throw new InvalidDataException($"The offer of a listener has a path of {length} bytes; the limit is {MaxPathBytes}.");
        }

        if (bytes.Length < HeaderLength + length)
        {
            return false;
        }

        string path = Encoding.UTF8.GetString(bytes.Slice(HeaderLength, length));
        offer = new ListenerOffer(path.Length > 0 ? path : null, bytes[Magic.Length] != 0);
        return true;
    }

    /// <summary>Checks that the peer is a process of this user or of root. A listener is passed only between such processes.</summary>
    /// <exception cref="UnauthorizedAccessException">The peer is a process of another user.</exception>
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
                $"Process {credentials.ProcessId} of user {credentials.UserId} is neither root's nor user {own}'s; a listener cannot be passed to it or taken from it.");
        }
    }
}
