using System.Buffers;
using System.Globalization;
using System.Text;
using static Sluice.Fuzz.Decoding;

namespace Sluice.Fuzz;

/// <summary>
/// What bytes of any kind are given to. Each decodes them whole and cut, and throws if that is not the same, or not what a plain
/// implementation says.
/// </summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["lines"] = Lines,
        ["delimiter"] = Delimiter,
        ["frames"] = Frames,
        ["varint"] = VarInt,
        ["proxyheader"] = ProxyTargets.Header,
        ["socks5"] = ProxyTargets.Socks5,
        ["httpconnect"] = ProxyTargets.HttpConnect,
        ["records"] = TlsTargets.Records,
        ["starttls"] = TlsTargets.StartTls,
    };

    private static readonly Encoding[] s_encodings = [Encoding.UTF8, Encoding.Latin1, Encoding.Unicode, Encoding.UTF32];

    private static void Lines(byte[] data)
    {
        if (data.Length < 3)
        {
            return;
        }

        var options = new LineReadOptions
        {
            Ending = (data[0] & 1) != 0 ? LineEnding.Lenient : LineEnding.Default,
            RequireEnding = (data[0] & 2) != 0,
            Encoding = s_encodings[(data[0] >> 2) & 3],
            MaxLength = data[1] == 0 ? 1_000_000 : data[1],
        };
        byte[] bytes = data[3..];
        string whole = AllOf(bytes, int.MaxValue, Read);
        Same(whole, AllOf(bytes, 1, Read));
        Same(whole, AllOf(bytes, data[2] + 1, Read));
        if (options is { RequireEnding: false, MaxLength: 1_000_000 } && (data[0] & 12) == 4)
        {
            Same(whole, ByHand(bytes, options.Ending));
        }

        async ValueTask<string?> Read(ByteReadChannel input) => await input.ReadLineAsync(options);
    }

    private static void Delimiter(byte[] data)
    {
        if (data.Length < 8)
        {
            return;
        }

        byte[] delimiter = data[3..(4 + (data[0] & 3))];
        int limit = data[1];
        byte[] bytes = data[7..];
        string whole = AllOf(bytes, int.MaxValue, Read);
        Same(whole, AllOf(bytes, 1, Read));
        Same(whole, AllOf(bytes, data[2] + 1, Read));

        async ValueTask<string?> Read(ByteReadChannel input)
        {
            var block = new ArrayBufferWriter<byte>();
            return await input.ReadUntilAsync(delimiter, block, limit) ? Convert.ToHexString(block.WrittenSpan) : null;
        }
    }

    private static void Frames(byte[] data)
    {
        if (data.Length < 5)
        {
            return;
        }

        int limit = data[1];
        var order = (ByteOrder)((data[0] >> 3) & 1);
        IFrameDecoder<ReadOnlySequence<byte>> decoder = (data[0] & 7) switch
        {
            0 => FrameDecoder.LengthPrefixed(LengthPrefix.VarInt, limit),
            1 => FrameDecoder.FixedSize(limit + 1),
            2 or 3 => FrameDecoder.Delimited(data.AsMemory(3, 1 + (data[0] & 1)), limit),
            var size => FrameDecoder.LengthPrefixed(new LengthPrefix(1 << (size - 4), order, (data[0] & 16) != 0), limit),
        };
        byte[] bytes = data[5..];
        string whole = AllFrames(int.MaxValue);
        Same(whole, AllFrames(1));
        Same(whole, AllFrames(data[2] + 1));

        string AllFrames(int fragment)
        {
            ByteReadChannel input = Open(bytes, fragment);
            var all = new StringBuilder();
            try
            {
                Drain().AsTask().Wait();
            }
            catch (AggregateException exception) when (exception.InnerException is FormatException or InvalidDataException or EndOfStreamException)
            {
                Tell(all, input, exception.InnerException);
            }

            return all.ToString();

            async ValueTask Drain()
            {
                await foreach (ReadOnlySequence<byte> frame in input.ReadFramesAsync(decoder))
                {
                    all.Append(Convert.ToHexString(frame.ToArray())).Append('\n');
                }
            }
        }
    }

    private static void VarInt(byte[] data)
    {
        if (data.Length < 2)
        {
            return;
        }

        byte[] bytes = data[2..];
        Func<ByteReadChannel, ValueTask<string?>> read = (data[0] & 7) switch
        {
            0 => ReadAsync<byte>,
            1 => ReadAsync<sbyte>,
            2 => ReadAsync<ushort>,
            3 => ReadAsync<short>,
            4 => ReadAsync<uint>,
            5 => ReadAsync<int>,
            6 => ReadAsync<ulong>,
            _ => ReadAsync<long>,
        };
        string whole = AllOf(bytes, int.MaxValue, read);
        Same(whole, AllOf(bytes, 1, read));
        Same(whole, AllOf(bytes, data[1] + 1, read));

        static async ValueTask<string?> ReadAsync<T>(ByteReadChannel input)
            where T : unmanaged, System.Numerics.IBinaryInteger<T>
        {
            if (await input.IsExhaustedAsync())
            {
                return null;
            }

            long before = input.TotalBytesRead;
            T value = await input.ReadVarIntAsync<T>();
            var back = new ByteChannel();
            await back.Writer.WriteVarIntAsync(value);
            if (back.Writer.TotalBytesWritten > input.TotalBytesRead - before || await back.Reader.ReadVarIntAsync<T>() != value)
            {
                throw new InvalidOperationException($"{value} does not come back.");
            }

            return value.ToString(null, CultureInfo.InvariantCulture);
        }
    }

    // In an encoding with a byte a character.
    private static string ByHand(byte[] bytes, LineEnding ending)
    {
        var all = new StringBuilder();
        int start = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isReturn = ending == LineEnding.Lenient && bytes[i] == '\r';
            if (bytes[i] != '\n' && !isReturn)
            {
                continue;
            }

            int end = ending == LineEnding.Default && i > start && bytes[i - 1] == '\r' ? i - 1 : i;
            all.Append(Encoding.Latin1.GetString(bytes[start..end])).Append('\0');
            i += isReturn && i + 1 < bytes.Length && bytes[i + 1] == '\n' ? 1 : 0;
            start = i + 1;
        }

        return start < bytes.Length ? all.Append(Encoding.Latin1.GetString(bytes[start..])).Append('\0').ToString() : all.ToString();
    }
}
