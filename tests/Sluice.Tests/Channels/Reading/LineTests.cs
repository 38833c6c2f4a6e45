using System.IO.Pipelines;
using System.Text;

namespace Sluice.Tests.Channels.Reading;

[Parallelizable(ParallelScope.All)]
public sealed partial class LineTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly LineReadOptions s_lenient = new() { Ending = LineEnding.Lenient };

    [TestCase("one\ntwo\nthree\n", "one|two|three")]
    [TestCase("one\r\ntwo\r\nthree\r\n", "one|two|three")]
    [TestCase("one\r\ntwo\nthree", "one|two|three")]
    [TestCase("\n\r\n\n", "||")]
    [TestCase("a\rb\r\r\nc\n\r\n", "a\rb\r|c|")]
    [TestCase("no ending", "no ending")]
    [TestCase("ends with a return\r", "ends with a return\r")]
    [TestCase("ünïcödé ☃ 𝄞\r\n", "ünïcödé ☃ 𝄞")]
    [TestCase("\0\u0001\n", "\0\u0001")]
    public async Task Lines_end_with_line_feed_or_carriage_return_and_line_feed(string sent, string lines)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync(sent).Soon();
        await client.Output.CompleteAsync().Soon();

        foreach (string line in lines.Split('|'))
        {
            Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo(line));
        }

        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
    }

    [TestCase("one\rtwo\nthree\r\nfour\r\rsix\n\r\neight\r", "one|two|three|four||six||eight")]
    [TestCase("\r\r\n\n\r", "|||")]
    public async Task Lenient_lines_end_with_a_carriage_return_alone_too(string sent, string lines)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync(sent).Soon();
        await client.Output.CompleteAsync().Soon();

        foreach (string line in lines.Split('|'))
        {
            Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.EqualTo(line));
        }

        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.Null);
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.Null);
    }

    [Test]
    public async Task The_end_at_once_is_no_line()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.Null);
    }

    [TestCase(LineEnding.Default)]
    [TestCase(LineEnding.Lenient)]
    public async Task A_line_split_at_every_offset_is_read_whole(LineEnding ending)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var options = new LineReadOptions { Ending = ending };
        byte[] line = "naïve ☃ 𝄞 end\r\n"u8.ToArray();
        for (int split = 0; split <= line.Length; split++)
        {
            await client.Output.WriteAsync(line.AsMemory(0, split)).Soon();
            await BufferAsync(server.Input, split);

            Task<string?> reading = server.Input.ReadLineAsync(options).AsTask();
            Assert.That(reading.IsCompleted, Is.EqualTo(split == line.Length || (ending == LineEnding.Lenient && split == line.Length - 1)));
            await client.Output.WriteAsync(line.AsMemory(split)).Soon();
            Assert.That(await reading.Soon(), Is.EqualTo("naïve ☃ 𝄞 end"), $"split at {split}");
        }

        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync(options).Soon(), Is.Null);
    }

    [Test]
    public async Task A_line_sent_byte_by_byte_is_read_whole()
    {
        (Connection client, Connection server) = await ConnectPairAsync(options => options.NoDelay = true);
        Task<string?> reading = server.Input.ReadLineAsync().AsTask();
        foreach (byte one in "naïve ☃ 𝄞 end\r\n"u8.ToArray())
        {
            await client.Output.WriteAsync(new[] { one }).Soon();
            await Task.Yield();
        }

        Assert.That(await reading.Soon(), Is.EqualTo("naïve ☃ 𝄞 end"));
    }

    [Test]
    public async Task Characters_cut_by_receives_and_segments_are_put_together()
    {
        string[] characters = ["x", "é", "☃", "𝄞"];
        foreach (string character in characters)
        {
            int size = Encoding.UTF8.GetByteCount(character);
            for (int before = 0; before <= size; before++)
            {
                // A buffer's first segment has 4096 bytes: the character straddles its end.
                string text = new string('a', 4096 - before) + character + "b" + character;
                byte[] bytes = Encoding.UTF8.GetBytes(text + "\n");
                Assert.That(await ScriptedSource.Channel(bytes, 1).ReadLineAsync().Soon(), Is.EqualTo(text), $"{character} {before} bytes before");
                Assert.That(await ScriptedSource.Channel(bytes, 4096, 1).ReadLineAsync().Soon(), Is.EqualTo(text), $"{character} {before} bytes before");
                Assert.That(await ScriptedSource.Channel(bytes, int.MaxValue).ReadLineAsync().Soon(), Is.EqualTo(text), $"{character} {before} bytes before");
            }
        }
    }

    [TestCase("\n")]
    [TestCase("\r\n")]
    public async Task An_ending_cut_by_a_segment_is_found(string ending)
    {
        for (int before = 0; before < 4; before++)
        {
            string text = new('a', 4096 - before);
            using var all = new MemoryStream();
            for (int i = 0; i < 40; i++)
            {
                all.Write(Encoding.UTF8.GetBytes(text + ending));
            }

            foreach (int[] sizes in (int[][])[[int.MaxValue], [4096], [1000], [4095, 1, 1, 5000]])
            {
                ByteReadChannel input = ScriptedSource.Channel(all.ToArray(), sizes);
                for (int i = 0; i < 40; i++)
                {
                    Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo(text));
                }

                Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
            }
        }
    }

    [Test]
    public async Task Bytes_that_are_no_text_become_replacement_characters()
    {
        byte[] bytes = [(byte)'a', 0xFF, (byte)'b', 0xC3, (byte)'\n', 0xE2, 0x98, (byte)'\r', (byte)'\n', 0xF0, 0x9D];
        string[] expected = [.. "a\uFFFDb\uFFFD\n\uFFFD\n\uFFFD".Split('\n')];
        for (int size = 1; size <= bytes.Length; size++)
        {
            ByteReadChannel input = ScriptedSource.Channel(bytes, size);
            foreach (string line in expected)
            {
                Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo(line));
            }

            Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        }
    }

    [Test]
    public async Task What_an_encoding_refuses_is_thrown_and_not_consumed()
    {
        var strict = new LineReadOptions { Encoding = new UTF8Encoding(false, throwOnInvalidBytes: true) };
        ByteReadChannel input = ScriptedSource.Channel([(byte)'a', 0xFF, (byte)'\n', (byte)'b', (byte)'\n'], int.MaxValue);

        Assert.ThrowsAsync<DecoderFallbackException>(() => input.ReadLineAsync(strict).Soon());
        Assert.ThrowsAsync<DecoderFallbackException>(() => input.ReadLineAsync(strict).Soon());
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("a\uFFFD"));
        Assert.That(await input.ReadLineAsync(strict).Soon(), Is.EqualTo("b"));
    }

    [Test]
    public async Task Every_encoding_finds_its_endings_however_the_bytes_are_cut(
        [Values("latin1", "us-ascii", "utf-16", "utf-16BE", "utf-32", "utf-32BE")] string name, [Values] LineEnding ending)
    {
        Encoding encoding = Encoding.GetEncoding(name);

        // U+0A0D and U+0D0A hold the bytes of both endings and are neither.
        string odd = name.StartsWith("utf", StringComparison.Ordinal) ? "\u0A0D\u0D0Ax\u0A00\u000D" : "x";
        string first = "one" + (ending == LineEnding.Default ? odd : odd.TrimEnd('\r'));
        byte[] bytes = encoding.GetBytes($"{first}\r\ntwo\n\r\n\nfive\r\nlast");
        string[] lines = [first, "two", "", "", "five", "last"];
        var options = new LineReadOptions { Encoding = encoding, Ending = ending };
        for (int split = 0; split <= bytes.Length; split++)
        {
            await CheckLinesAsync(ScriptedSource.Channel(bytes, split, int.MaxValue), options, lines);
        }

        for (int size = 1; size <= 9; size++)
        {
            await CheckLinesAsync(ScriptedSource.Channel(bytes, size), options, lines);
        }
    }

    [TestCase("utf-8", "\n")]
    [TestCase("utf-8", "\r\n")]
    [TestCase("utf-16", "\n")]
    [TestCase("utf-16", "\r\n")]
    [TestCase("utf-32BE", "\r\n")]
    public async Task A_line_of_just_the_limit_is_read_and_one_more_is_too_long_however_the_bytes_are_cut(string name, string ending)
    {
        Encoding encoding = Encoding.GetEncoding(name);
        int unit = encoding.GetByteCount("a");
        const int characters = 10;
        var options = new LineReadOptions { Encoding = encoding, MaxLength = characters * unit };
        string fits = new('a', characters);
        byte[] good = encoding.GetBytes(fits + ending + fits + ending);
        byte[] bad = encoding.GetBytes(fits + "a" + ending + "next" + ending);
        for (int split = 0; split <= good.Length; split++)
        {
            foreach (int size in (int[])[1, 2, 3, int.MaxValue])
            {
                await CheckLinesAsync(ScriptedSource.Channel(good, split, size), options, fits, fits);

                ByteReadChannel input = ScriptedSource.Channel(bad, split, size);
                LineTooLongException failure = Assert.ThrowsAsync<LineTooLongException>(() => input.ReadLineAsync(options).Soon())!;
                Assert.That(failure.Limit, Is.EqualTo(options.MaxLength));
                Assert.That(failure.Message, Does.Contain($" {options.MaxLength} "));
                Assert.ThrowsAsync<LineTooLongException>(() => input.ReadLineAsync(options).Soon(), "again: nothing was consumed");

                var higher = new LineReadOptions { Encoding = encoding, MaxLength = options.MaxLength + unit };
                await CheckLinesAsync(input, higher, fits + "a", "next");
            }
        }
    }

    [Test]
    public async Task A_last_line_without_an_ending_has_the_same_limit()
    {
        var options = new LineReadOptions { MaxLength = 3 };
        await CheckLinesAsync(ScriptedSource.Channel("abc"u8, 1), options, "abc");

        ByteReadChannel input = ScriptedSource.Channel("abcd"u8, 1);
        Assert.ThrowsAsync<LineTooLongException>(() => input.ReadLineAsync(options).Soon());
        await CheckLinesAsync(input, LineReadOptions.Default, "abcd");
    }

    [Test]
    public async Task An_endless_line_is_refused_soon_after_the_limit()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        byte[] block = new byte[16 * 1024];
        Array.Fill(block, (byte)'a');
        using var enough = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.Output.WriteAsync(block, enough.Token);
            }
        });

        Assert.ThrowsAsync<LineTooLongException>(() => server.Input.ReadLineAsync().Soon());

        // What was received is in the buffer still, so this tells how much that was: the limit and less than one segment more.
        PipeReader reader = server.Input.AsPipeReader();
        ReadResult result = await reader.ReadAsync().Soon();
        Assert.That(result.Buffer.Length, Is.InRange(LineReadOptions.DefaultMaxLength + 1, LineReadOptions.DefaultMaxLength + (64 * 1024)));
        reader.AdvanceTo(result.Buffer.Start);

        await enough.CancelAsync();
        await writing.OutcomeAsync();
    }

    [Test]
    public async Task Every_byte_of_an_endless_line_is_looked_at_once()
    {
        // It comes in receives of one byte each: a search of all of it each time, two bytes at a time, would take minutes.
        byte[] bytes = new byte[600_000];
        Array.Fill(bytes, (byte)'a');
        var options = new LineReadOptions { Encoding = Encoding.Unicode, MaxLength = int.MaxValue };
        string? line = await Task.Run(() => ScriptedSource.Channel(bytes, 1).ReadLineAsync(options).AsTask()).Soon();
        Assert.That(line, Has.Length.EqualTo(bytes.Length / 2));
    }

    [Test]
    public async Task A_line_read_that_is_cancelled_half_way_goes_on_later()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("hel").Soon();
        await BufferAsync(server.Input, 3);

        using var cancellation = new CancellationTokenSource();
        Task<string?> reading = server.Input.ReadLineAsync(cancellation.Token).AsTask();
        Assert.That(reading.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        OperationCanceledException failure = Assert.CatchAsync<OperationCanceledException>(() => reading.Soon())!;
        Assert.That(failure.CancellationToken, Is.EqualTo(cancellation.Token));

        reading = server.Input.ReadLineAsync().AsTask();
        await client.Output.WriteStringAsync("lo\nworld\n").Soon();
        Assert.That(await reading.Soon(), Is.EqualTo("hello"));
        Assert.That(await server.Input.ReadLineAsync().Soon(), Is.EqualTo("world"));
    }

    [Test]
    public async Task Lines_of_many_lengths_come_in_order_whatever_the_sender_writes_at_once()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var random = new Random(4);
        string[] lines = [.. Enumerable.Range(0, 3000).Select(i => $"{i} " + new string((char)('a' + (i % 26)), random.Next(0, 300)))];
        byte[] all = Encoding.UTF8.GetBytes(string.Concat(lines.Select((line, i) => line + (i % 3 == 0 ? "\r\n" : "\n"))));
        Task writing = Task.Run(async () =>
        {
            for (int done = 0; done < all.Length;)
            {
                int count = Math.Min(random.Next(1, 3000), all.Length - done);
                await client.Output.WriteAsync(all.AsMemory(done, count));
                done += count;
            }

            await client.Output.CompleteAsync();
        });

        var got = new List<string>();
        await Task.Run(async () =>
        {
            await foreach (string line in server.Input.ReadLinesAsync())
            {
                got.Add(line);
            }
        }).Soon();
        await writing.Soon();

        Assert.That(got, Is.EqualTo(lines));
    }

    [Test]
    public async Task Enumerating_lines_takes_each_when_it_is_asked_for_and_stops_with_its_token()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await client.Output.WriteStringAsync("one\rtwo\rthree\rfour").Soon();

        using var cancellation = new CancellationTokenSource();
        var got = new List<string>();
        Task enumerating = Task.Run(async () =>
        {
            await foreach (string line in server.Input.ReadLinesAsync(s_lenient, cancellation.Token))
            {
                got.Add(line);
                if (line == "two")
                {
                    break;
                }
            }
        });
        await enumerating.Soon();
        Assert.That(got, Is.EqualTo((string[])["one", "two"]));
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("three"));

        enumerating = Task.Run(async () =>
        {
            await foreach (string line in server.Input.ReadLinesAsync(s_lenient, cancellation.Token))
            {
                got.Add(line);
            }
        });
        await cancellation.CancelAsync();
        Assert.That(await enumerating.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());

        await client.Output.CompleteAsync().Soon();
        Assert.That(await server.Input.ReadLineAsync(s_lenient).Soon(), Is.EqualTo("four"));
    }

    [Test]
    public void Line_options_are_checked()
    {
        Assert.Throws<ArgumentNullException>(() => _ = new LineReadOptions { Encoding = null! });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new LineReadOptions { MaxLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new LineReadOptions { MaxLength = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new LineReadOptions { Ending = (LineEnding)2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new LineReadOptions { Ending = (LineEnding)(-1) });
        Assert.That(LineReadOptions.Default.MaxLength, Is.EqualTo(65_536));
        Assert.That(LineReadOptions.Default.Encoding, Is.EqualTo(Encoding.UTF8));
        Assert.That(LineReadOptions.Default.Ending, Is.EqualTo(LineEnding.Default));
    }

    [Test]
    public async Task A_null_for_the_options_of_a_line_is_refused()
    {
        (_, Connection server) = await ConnectPairAsync();
        Assert.Throws<ArgumentNullException>(() => _ = server.Input.ReadLineAsync((LineReadOptions)null!).AsTask());
    }

    private static async Task CheckLinesAsync(ByteReadChannel input, LineReadOptions options, params string[] lines)
    {
        foreach (string line in lines)
        {
            Assert.That(await input.ReadLineAsync(options).Soon(), Is.EqualTo(line));
        }

        Assert.That(await input.ReadLineAsync(options).Soon(), Is.Null);
    }
}
