using System.IO.Pipelines;

namespace Sluice.Bench.Contenders;

/// <summary>Serves a connection that consists of two pipes.</summary>
internal static class PipeServer
{
    private const int BulkSize = 64 * 1024;

    public static Task RunAsync(PipeReader reader, PipeWriter writer, ServerMode mode, Action<int>? work, bool flushEachLine) => mode switch
    {
        ServerMode.Sink => ReceiveAsync(reader),
        ServerMode.Source => SendAsync(writer),
        ServerMode.OffLoop => AnswerOffLoopAsync(reader, writer),
        _ => PipeEcho.RunAsync(reader, writer, mode, work, flushEachLine),
    };

    private static async Task ReceiveAsync(PipeReader reader)
    {
        bool isOver;
        do
        {
            ReadResult result = await reader.ReadAsync();
            isOver = result.IsCompleted;
            reader.AdvanceTo(result.Buffer.End);
        }
        while (!isOver);
    }

    private static async Task AnswerOffLoopAsync(PipeReader reader, PipeWriter writer)
    {
        var echo = new OffLoopEcho(async message => await writer.WriteAsync(message));
        bool isOver;
        do
        {
            ReadResult result = await reader.ReadAsync();
            isOver = result.IsCompleted;
            foreach (ReadOnlyMemory<byte> piece in result.Buffer)
            {
                echo.Take(piece.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
        }
        while (!isOver);
    }

    private static async Task SendAsync(PipeWriter writer)
    {
        byte[] bytes = new byte[BulkSize];
        while (!(await writer.WriteAsync(bytes)).IsCompleted)
        {
        }
    }
}
