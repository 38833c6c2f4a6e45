using System.Buffers;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable(ParallelScope.All)]
public sealed class LineEncodingFailureTests
{
    private static readonly LineReadOptions s_strict = new() { Encoding = new UTF8Encoding(false, throwOnInvalidBytes: true) };

    [Test]
    public async Task A_line_that_does_not_decode_consumes_nothing([Values(0, 1)] int linesBefore, [Values] bool chars)
    {
        ByteReadChannel input = new MemoryStream([.. "before\n"u8.ToArray().AsSpan(0, 7 * linesBefore), 0xFF, (byte)'\n', (byte)'x']).AsByteReadChannel();
        for (int i = 0; i < linesBefore; i++)
        {
            Assert.That(await input.ReadLineAsync(), Is.EqualTo("before"));
        }

        for (int attempt = 0; attempt < 2; attempt++)
        {
            Assert.ThrowsAsync<DecoderFallbackException>(() => chars
                ? input.ReadLineAsync(new ArrayBufferWriter<char>(), s_strict).AsTask()
                : input.ReadLineAsync(s_strict).AsTask());
        }

        Assert.That((await input.ReadLineBytesAsync())!.Value.ToArray(), Is.EqualTo(new byte[] { 0xFF }));
        Assert.That(await input.ReadByteAsync(), Is.EqualTo((byte)'x'));
    }

    [Test]
    public async Task An_encoding_that_fails_leaves_the_channel_to_the_next_read([Values(0, 1)] int linesBefore)
    {
        ByteReadChannel input = new MemoryStream("one\ntwo\n"u8.ToArray()).AsByteReadChannel();
        for (int i = 0; i < linesBefore; i++)
        {
            Assert.That(await input.ReadLineAsync(), Is.EqualTo("one"));
        }

        var options = new LineReadOptions { Encoding = new FailingEncoding(), SkipByteOrderMark = false };
        Assert.ThrowsAsync<NotSupportedException>(async () => await input.ReadLineAsync(options));
        Assert.That(await input.ReadLineAsync(), Is.EqualTo(linesBefore == 0 ? "one" : "two"));
    }

    private sealed class FailingEncoding : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException();

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw new NotSupportedException();

        public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException();

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => throw new NotSupportedException();

        public override int GetMaxByteCount(int charCount) => charCount;

        public override int GetMaxCharCount(int byteCount) => byteCount;
    }
}
