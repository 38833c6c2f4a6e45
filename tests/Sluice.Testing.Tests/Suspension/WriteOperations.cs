using System.Buffers;

namespace Sluice.Testing.Tests.Suspension;

/// <summary>The operations of a <see cref="ByteWriteChannel"/>.</summary>
internal static class WriteOperations
{
    private static readonly byte[] s_bytes = "0123456789"u8.ToArray();
    private static readonly LengthPrefix s_prefix = new(4);

    public static IEnumerable<WriteOperation> All =>
    [
        new("WriteByteAsync", [7], (output, token) => output.WriteByteAsync(7, token)),
        new("WriteInt32Async", [1, 2, 3, 4], (output, token) => output.WriteInt32Async(0x01020304, token)),
        new("WriteDoubleAsync", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], (output, token) => output.WriteDoubleAsync(1.5, token)),
        new("WriteVarIntAsync", [0x80, 0x80, 0x01], (output, token) => output.WriteVarIntAsync(1 << 14, token)),
        new("WriteAsync", s_bytes, (output, token) => output.WriteAsync(s_bytes, token)),
        new("WriteAsync of several parts", [.. s_bytes, .. s_bytes], (output, token) => output.WriteAsync(Parts(), token)),
        new("WriteAsync of interpolated text", "1 and 2"u8.ToArray(), (output, token) => output.WriteAsync($"{1} and {2}", token)),
        new("WriteStringAsync", "Zürich"u8.ToArray(), (output, token) => output.WriteStringAsync("Zürich", token)),
        new("WriteLineAsync", "Zürich\r\n"u8.ToArray(), (output, token) => output.WriteLineAsync("Zürich", token)),
        new("WriteLineAsync of interpolated text", "1 and 2\r\n"u8.ToArray(), (output, token) => output.WriteLineAsync($"{1} and {2}", token)),
        new("WritePrefixedAsync", [0, 0, 0, 10, .. s_bytes], (output, token) => output.WritePrefixedAsync(s_prefix, s_bytes, token)),
        new("WritePrefixedStringAsync", [0, 0, 0, 3, .. "abc"u8], (output, token) => output.WritePrefixedStringAsync(s_prefix, "abc", token)),
        new("WriteFrameAsync", "Zürich\r\n"u8.ToArray(), (output, token) => output.WriteFrameAsync(FrameEncoder.Lines(), "Zürich", token)),
    ];

    private static ReadOnlySequence<byte> Parts()
    {
        var first = new Part(s_bytes, null);
        var last = new Part(s_bytes, first);
        return new ReadOnlySequence<byte>(first, 0, last, s_bytes.Length);
    }

    private sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(byte[] bytes, Part? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
