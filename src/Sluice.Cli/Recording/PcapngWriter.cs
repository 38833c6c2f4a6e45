using System.Buffers.Binary;

namespace Sluice.Cli.Recording;

/// <summary>Writes a pcapng file (draft-ietf-opsawg-pcapng) of raw IP packets, with the time in microseconds.</summary>
internal sealed class PcapngWriter : IDisposable
{
    private const int SectionHeader = 0x0A0D0D0A;
    private const int InterfaceDescription = 1;
    private const int EnhancedPacket = 6;
    private const int ByteOrderMagic = 0x1A2B3C4D;
    private const short RawIp = 101;

    private readonly Stream _output;

    public PcapngWriter(Stream output)
    {
        _output = output;
        Span<byte> section = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(section, ByteOrderMagic);
        BinaryPrimitives.WriteInt16LittleEndian(section[4..], 1);

        // The length of the section is not known.
        BinaryPrimitives.WriteInt64LittleEndian(section[8..], -1);
        Span<byte> description = stackalloc byte[8];
        description.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(description, RawIp);

        // At once: a packet of another process that appends to the file belongs behind both.
        WriteWhole([.. Block(SectionHeader, section), .. Block(InterfaceDescription, description)]);
    }

    /// <summary>Writes a packet to the file at once: a reader can follow it, and a crash loses no packet.</summary>
    /// <exception cref="IOException">The file takes no more. It ends with the packet before.</exception>
    public void Write(DateTime time, ReadOnlySpan<byte> packet)
    {
        long microseconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        byte[] block = new byte[20 + ((packet.Length + 3) & ~3)];
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), (uint)(microseconds >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8), (uint)microseconds);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(12), packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(16), packet.Length);
        packet.CopyTo(block.AsSpan(20));
        WriteWhole(Block(EnhancedPacket, block));
    }

    public void Dispose() => _output.Dispose();

    private static byte[] Block(int type, ReadOnlySpan<byte> body)
    {
        byte[] block = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32LittleEndian(block, type);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(4), block.Length);
        body.CopyTo(block.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(block.Length - 4), block.Length);
        return block;
    }

    private void WriteWhole(byte[] blocks)
    {
        // Not the position: another process may have appended.
        long start = _output.CanSeek ? _output.Length : 0;
        try
        {
            _output.Write(blocks);
            _output.Flush();
        }
        catch (IOException) when (_output.CanSeek)
        {
            // Half a packet would make the whole file one that is damaged.
            _output.SetLength(start);
            throw;
        }
    }
}
