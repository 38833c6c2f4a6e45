using System.Text;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Sends the input, and half-closes at its end.</summary>
internal sealed class Sender(ConnectSettings settings, Link link, Display display)
{
    public SendProgress Progress { get; } = new();

    public async Task RunAsync()
    {
        await (settings.Input switch
        {
            InputForm.TypedLines => SendLinesAsync(),
            InputForm.ConvertedBytes => SendConvertedAsync(),
            _ => SendBytesAsync(),
        });

        // The end flushes what the connection still holds.
        if (!Progress.HasUnsent)
        {
            Progress.BeginWrite();
            if (await TryAsync(() => link.CompleteAsync(CancellationToken.None)))
            {
                Progress.EndWrite();
            }
        }
    }

    private async Task SendLinesAsync()
    {
        bool taken = true;
        while (taken && display.ReadLine() is { } line)
        {
            taken = await SendAsync(Encoding.UTF8.GetBytes(line + settings.NewLine));
        }
    }

    private async Task SendBytesAsync()
    {
        await using Stream input = StandardStreams.OpenInput();
        byte[] buffer = new byte[settings.Address.Kind == AddressKind.Udp ? DatagramSize.MostPayload : Link.BufferSize];
        bool taken = true;
        int count;
        while (taken && (count = await input.ReadAsync(buffer)) > 0)
        {
            taken = await SendAsync(buffer.AsMemory(0, count));
        }
    }

    private async Task SendConvertedAsync()
    {
        await using Stream input = StandardStreams.OpenInput();
        byte[] converted = new byte[settings.Address.Kind == AddressKind.Udp ? DatagramSize.MostPayload : Link.BufferSize];
        byte[] buffer = new byte[converted.Length / 2];
        var endings = new LineEndings();
        bool taken = true;
        int count;
        while (taken && (count = await input.ReadAsync(buffer)) > 0)
        {
            taken = await SendAsync(converted.AsMemory(0, endings.Convert(buffer.AsSpan(0, count), converted)));
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Progress.BeginWrite();
        await display.SentAsync(bytes);
        bool taken = await TryAsync(() => link.WriteAsync(bytes, CancellationToken.None));
        if (taken)
        {
            Progress.EndWrite();
        }

        return taken;
    }

    // The server may have sent a reason before it stopped receiving: the task that prints prints it, and reports whether the server closed or reset the connection.
    private static async ValueTask<bool> TryAsync(Func<ValueTask> send)
    {
        try
        {
            await send();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
