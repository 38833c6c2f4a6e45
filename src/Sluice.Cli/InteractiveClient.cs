namespace Sluice.Cli;

/// <summary>What <c>sluice connect</c> runs.</summary>
internal sealed class InteractiveClient(HostAndPort address, SelectorEngine engine, string newLine, ConnectTls? tls)
{
    public async Task<int> RunAsync()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, LoopCount = 1 });
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(address.Host, address.Port);
        Connection connection = socket.OpenConnection();
        if (tls is not null)
        {
            connection = await tls.BeginAsync(connection);
        }

        ByteReadChannel input = connection.Input;
        ByteWriteChannel output = connection.Output;
        output.NewLine = newLine;

        // Nothing ends a read from a terminal. So once the server has closed, what is typed is no longer waited for, and sending is left
        // alone. A failure of the input is told at once, as then nobody would tell the server that nothing more comes.
        Task sending = SendAsync(output);
        Task printing = PrintAsync(input);
        if (await Task.WhenAny(sending, printing) == sending)
        {
            await sending;
        }

        await printing;
        return ExitCodes.Success;
    }

    private static async Task PrintAsync(ByteReadChannel input)
    {
        await using Stream output = Console.OpenStandardOutput();
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = await input.ReadAsync(buffer)) > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, count));
            await output.FlushAsync();
        }
    }

    private static Task SendAsync(ByteWriteChannel output) => Task.Run(async () =>
    {
        bool taken = true;
        while (taken && Console.In.ReadLine() is { } line)
        {
            taken = await TryAsync(() => output.WriteLineAsync(line));
        }

        await TryAsync(() => output.CompleteAsync());
    });

    // A server that takes no more may have said why, which is still to be printed; and whether it closed or reset, printing finds out.
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
