using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Sluice.Micro;

/// <summary>Reads lines from a pipe with hand-written code.</summary>
internal sealed class PipeLines(PipeReader reader)
{
    public async ValueTask<string?> ReadLineAsync()
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, end);
                string text = Encoding.UTF8.GetString(line).TrimEnd('\r');
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return text;
            }

            if (result.IsCompleted)
            {
                return null;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
