using System.Globalization;
using System.Reflection;
using System.Text;

namespace Sluice.Tests.Channels.Adapters;

/// <summary>The line endings of a channel's text writer: every overload writes the same.</summary>
[Parallelizable]
public sealed class TextWriterTests
{
    public static IEnumerable<MethodInfo> LineMethods => typeof(TextWriter).GetMethods().Where(method => method.Name is "WriteLine" or "WriteLineAsync");

    [Test]
    public async Task Every_way_to_write_a_line_ends_it_as_the_writer_says(
        [ValueSource(nameof(LineMethods))] MethodInfo method, [Values(null, "\n", "", "<end>")] string? newLine)
    {
        var channel = new ByteChannel();
        using TextWriter text = channel.Writer.AsTextWriter();
        Assert.That(text.NewLine, Is.EqualTo("\r\n"), "as the channel's own lines");
        using var expected = new StringWriter(CultureInfo.InvariantCulture) { NewLine = newLine ?? "\r\n" };
        if (newLine is not null)
        {
            text.NewLine = newLine;
        }

        await CallAsync(method, text);
        await CallAsync(method, expected);
        await text.FlushAsync();
        await channel.Writer.CompleteAsync();
        string written = Encoding.UTF8.GetString(await channel.Reader.ReadToEndAsync(1000));
        Assert.That(written, Is.EqualTo(expected.ToString()));
        Assert.That(written, Does.EndWith(newLine ?? "\r\n"));
    }

    [Test]
    public async Task The_writer_begins_with_the_line_ending_of_its_channel()
    {
        var channel = new ByteChannel();
        channel.Writer.NewLine = "\n";
        using TextWriter text = channel.Writer.AsTextWriter();
        await text.WriteLineAsync("a");
        await text.WriteLineAsync();
        text.WriteLine(5);
        text.WriteLine("b");
        await text.FlushAsync();
        await channel.Writer.WriteLineAsync("c");
        await channel.Writer.CompleteAsync();
        Assert.That(Encoding.UTF8.GetString(await channel.Reader.ReadToEndAsync(100)), Is.EqualTo("a\n\n5\nb\nc\n"));
    }

    private static async Task CallAsync(MethodInfo method, TextWriter writer)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Any(parameter => parameter.ParameterType.IsByRefLike))
        {
            // Reflection cannot pass a span.
            if (parameters.Length == 1)
            {
                writer.WriteLine("span".AsSpan());
            }
            else
            {
                writer.WriteLine("{0}", (ReadOnlySpan<object?>)[1]);
            }

            return;
        }

        if (method.Invoke(writer, [.. parameters.Select(Argument)]) is Task task)
        {
            await task;
        }
    }

    private static object? Argument(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(string) => parameter.Name == "format" ? "{0}" : "text",
        var type when type == typeof(char[]) => "chars".ToCharArray(),
        var type when type == typeof(object[]) => new object[] { 1, 2, 3 },
        var type when type == typeof(object) => 7,
        var type when type == typeof(int) => parameter.Name is "index" or "count" ? 1 : 5,
        var type when type == typeof(StringBuilder) => new StringBuilder("builder"),
        var type when type == typeof(ReadOnlyMemory<char>) => "memory".AsMemory(),
        var type => Activator.CreateInstance(type),
    };
}
