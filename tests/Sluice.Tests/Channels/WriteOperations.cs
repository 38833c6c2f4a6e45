using System.Buffers;
using System.Text;
using Sluice.Channels.Buffers;

namespace Sluice.Tests.Channels;

/// <summary>Every way to write.</summary>
internal static class WriteOperations
{
    // Made once: what a write is given is not what it allocates.
    private static readonly byte[] s_bytes = "bytes"u8.ToArray();
    private static readonly ReadOnlySequence<byte> s_parts = Cut(s_bytes, 2);
    private static readonly LengthPrefix s_four = new(4);
    private static readonly LengthPrefix s_littleTwo = new(2, ByteOrder.LittleEndian, includesItself: true);
    private static readonly IFrameEncoder<string> s_lines = FrameEncoder.Lines();
    private static readonly IFrameEncoder<ReadOnlySequence<byte>> s_prefixed = FrameEncoder.LengthPrefixed(s_four, 100);
    private static readonly IFrameEncoder<ReadOnlySequence<byte>> s_delimited = FrameEncoder.Delimited("--"u8.ToArray(), 100);
    private static readonly IFrameEncoder<ReadOnlySequence<byte>> s_fixed = FrameEncoder.FixedSize(5);

    public static IReadOnlyList<WriteOperation> All { get; } =
    [
        new("WriteAsync", s_bytes, (output, token) => output.WriteAsync(s_bytes, token)),
        new("WriteAsync, parts", s_bytes, (output, token) => output.WriteAsync(s_parts, token)),
        new("WriteAsync, one part", s_bytes, (output, token) => output.WriteAsync(new ReadOnlySequence<byte>(s_bytes), token)),
        new("WriteAsync, interpolated", "1 of 2.50: é"u8.ToArray(), (output, token) => output.WriteAsync($"{1} of {2.5:F2}: {"é"}", token)),
        new("WriteLineAsync, interpolated", "  7|7  |\r\n"u8.ToArray(), (output, token) => output.WriteLineAsync($"{7,3}|{7,-3}|", token)),
        new("WriteStringAsync", "é"u8.ToArray(), (output, token) => output.WriteStringAsync("é", token)),
        new("WriteStringAsync, encoding", [0xE9, 0], (output, token) => output.WriteStringAsync("é", Encoding.Unicode, token)),
        new("WriteLineAsync", "line\r\n"u8.ToArray(), (output, token) => output.WriteLineAsync("line", token)),
        new("WriteLineAsync, encoding", [0xE9, 13, 10], (output, token) => output.WriteLineAsync("é", Encoding.Latin1, token)),
        new("WriteByteAsync", [200], (output, token) => output.WriteByteAsync(200, token)),
        new("WriteSByteAsync", [0xFE], (output, token) => output.WriteSByteAsync(-2, token)),
        new("WriteBooleanAsync", [1], (output, token) => output.WriteBooleanAsync(true, token)),
        new("WriteInt16Async", [0xFF, 0xFE], (output, token) => output.WriteInt16Async(-2, token)),
        new("WriteInt16Async, order", [0xFE, 0xFF], (output, token) => output.WriteInt16Async(-2, ByteOrder.LittleEndian, token)),
        new("WriteUInt16Async", [1, 2], (output, token) => output.WriteUInt16Async(0x0102, token)),
        new("WriteUInt16Async, order", [2, 1], (output, token) => output.WriteUInt16Async(0x0102, ByteOrder.LittleEndian, token)),
        new("WriteInt32Async", [1, 2, 3, 4], (output, token) => output.WriteInt32Async(0x01020304, token)),
        new("WriteInt32Async, order", [4, 3, 2, 1], (output, token) => output.WriteInt32Async(0x01020304, ByteOrder.LittleEndian, token)),
        new("WriteUInt32Async", [0xFF, 0, 0, 1], (output, token) => output.WriteUInt32Async(0xFF000001, token)),
        new("WriteUInt32Async, order", [1, 0, 0, 0xFF], (output, token) => output.WriteUInt32Async(0xFF000001, ByteOrder.LittleEndian, token)),
        new("WriteInt64Async", [1, 2, 3, 4, 5, 6, 7, 8], (output, token) => output.WriteInt64Async(0x0102030405060708, token)),
        new("WriteInt64Async, order", [8, 7, 6, 5, 4, 3, 2, 1], (output, token) => output.WriteInt64Async(0x0102030405060708, ByteOrder.LittleEndian, token)),
        new("WriteUInt64Async", [0xFF, 0, 0, 0, 0, 0, 0, 1], (output, token) => output.WriteUInt64Async(0xFF00000000000001, token)),
        new("WriteUInt64Async, order", [1, 0, 0, 0, 0, 0, 0, 0xFF], (output, token) => output.WriteUInt64Async(0xFF00000000000001, ByteOrder.LittleEndian, token)),
        new("WriteInt128Async", [.. new byte[15], 1], (output, token) => output.WriteInt128Async(1, token)),
        new("WriteInt128Async, order", [1, .. new byte[15]], (output, token) => output.WriteInt128Async(1, ByteOrder.LittleEndian, token)),
        new("WriteUInt128Async", [.. new byte[15], 2], (output, token) => output.WriteUInt128Async(2, token)),
        new("WriteUInt128Async, order", [2, .. new byte[15]], (output, token) => output.WriteUInt128Async(2, ByteOrder.LittleEndian, token)),
        new("WriteHalfAsync", [0x3C, 0], (output, token) => output.WriteHalfAsync((Half)1, token)),
        new("WriteHalfAsync, order", [0, 0x3C], (output, token) => output.WriteHalfAsync((Half)1, ByteOrder.LittleEndian, token)),
        new("WriteSingleAsync", [0x3F, 0x80, 0, 0], (output, token) => output.WriteSingleAsync(1, token)),
        new("WriteSingleAsync, order", [0, 0, 0x80, 0x3F], (output, token) => output.WriteSingleAsync(1, ByteOrder.LittleEndian, token)),
        new("WriteDoubleAsync", [0x3F, 0xF0, 0, 0, 0, 0, 0, 0], (output, token) => output.WriteDoubleAsync(1, token)),
        new("WriteDoubleAsync, order", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], (output, token) => output.WriteDoubleAsync(1, ByteOrder.LittleEndian, token)),
        new("WriteVarIntAsync", [0xE5, 0x8E, 0x26], (output, token) => output.WriteVarIntAsync(624485u, token)),
        new("WriteVarIntAsync, signed", [0xC0, 0xBB, 0x78], (output, token) => output.WriteVarIntAsync(-123456, token)),
        new("WritePrefixedAsync", [0, 0, 0, 5, .. s_bytes], (output, token) => output.WritePrefixedAsync(s_four, s_bytes, token)),
        new("WritePrefixedAsync, parts", [7, 0, .. s_bytes], (output, token) => output.WritePrefixedAsync(s_littleTwo, s_parts, token)),
        new("WritePrefixedAsync, filled", [2, 8, 9], (output, token) => output.WritePrefixedAsync(LengthPrefix.VarInt, 1000, (byte)8, static (room, first) => Fill(room, first), token)),
        new("WritePrefixedStringAsync", [2, 0xC3, 0xA9], (output, token) => output.WritePrefixedStringAsync(LengthPrefix.VarInt, "é", token)),
        new("WritePrefixedStringAsync, encoding", [0, 0, 0, 1, 0xE9], (output, token) => output.WritePrefixedStringAsync(s_four, "é", Encoding.Latin1, token)),
        new("WriteFrameAsync, line", "line\r\n"u8.ToArray(), (output, token) => output.WriteFrameAsync(s_lines, "line", token)),
        new("WriteFrameAsync, prefixed", [0, 0, 0, 5, .. s_bytes], (output, token) => output.WriteFrameAsync(s_prefixed, s_bytes, token)),
        new("WriteFrameAsync, delimited", "bytes--"u8.ToArray(), (output, token) => output.WriteFrameAsync(s_delimited, s_parts, token)),
        new("WriteFrameAsync, fixed", s_bytes, (output, token) => output.WriteFrameAsync(s_fixed, s_bytes, token)),
        new("the stream", s_bytes, (output, token) => output.AsStream().WriteAsync(s_bytes, token)),
        new("the text writer", "é"u8.ToArray(), (output, token) => new ValueTask(output.AsTextWriter().WriteAsync("é".AsMemory(), token))),
    ];

    /// <summary>Bytes in pieces of the given size.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, int size)
    {
        BufferSegment? first = null;
        BufferSegment? last = null;
        for (int at = 0; at < bytes.Length; at += size)
        {
            byte[] piece = bytes[at..Math.Min(at + size, bytes.Length)];
            BufferSegment next = BufferSegment.Rent(null, piece.Length, piece.Length, at);
            piece.CopyTo(next.Free);
            next.Commit(piece.Length);
            next.Publish();
            if (last is not null)
            {
                last.NextSegment = next;
            }

            first ??= next;
            last = next;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.End);
    }

    private static int Fill(Span<byte> room, byte first)
    {
        room[0] = first;
        room[1] = (byte)(first + 1);
        return 2;
    }
}
