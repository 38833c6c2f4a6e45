namespace Sluice.Tests.Channels.Reading;

/// <summary>Every ending, at every length up to some vectors and about the limit, cut at every place.</summary>
[TestFixture]
[Parallelizable]
public sealed class LineTableTests
{
    private const int Longest = 1024;

    // A vector has at most 64 bytes, and loops take up to four at a time.
    private const int Vectors = 280;
    private const int NearLongest = Longest - 10;

    [TestCase("\n", LineEnding.Default)]
    [TestCase("\r\n", LineEnding.Default)]
    [TestCase("\n", LineEnding.Lenient)]
    [TestCase("\r\n", LineEnding.Lenient)]
    [TestCase("\r", LineEnding.Lenient)]
    public async Task A_line_is_found_whatever_its_length_and_wherever_it_is_cut(string ending, LineEnding kind)
    {
        var options = new LineReadOptions { Ending = kind, MaxLength = Longest, RequireEnding = true };
        byte[] bytes = new byte[Longest + ending.Length + 1];
        foreach (int length in Enumerable.Range(0, Vectors).Concat(Enumerable.Range(NearLongest, Longest + 1 - NearLongest)))
        {
            bytes.AsSpan(0, length).Fill((byte)'a');
            int whole = length + ending.Length;
            System.Text.Encoding.ASCII.GetBytes(ending, bytes.AsSpan(length));
            bytes[whole] = (byte)'z';
            for (int split = 0; split <= whole; split++)
            {
                ByteReadChannel input = ScriptedSource.Channel(bytes.AsSpan(0, whole + 1), split, int.MaxValue);
                long found = (await input.ReadLineBytesAsync(options))!.Value.Length;
                byte next = await input.ReadByteAsync();
                if (found != length || next != 'z')
                {
                    Assert.Fail($"{length} bytes, cut at {split}: a line of {found}, and {next} behind it");
                }
            }
        }
    }
}
