namespace Sluice.Cli;

/// <summary>Runs <c>sluice connect</c>.</summary>
internal sealed class InteractiveClient(HostAndPort address, SelectorEngine engine, string newLine, bool asLines, ConnectTls? tls)
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

        // A read from a terminal cannot be canceled. Once the server has closed, the client therefore ends without waiting for the sending task.
        // An error of the input ends the client at once: otherwise the server would wait for more.
        Task sending = Task.Run(() => SendAsync(output));
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

    private async Task SendAsync(ByteWriteChannel output)
    {
        if (asLines)
        {
            await SendLinesAsync(output);
        }
        else
        {
            await SendBytesAsync(output);
        }

        await TryAsync(() => output.CompleteAsync());
    }

    private static async Task SendLinesAsync(ByteWriteChannel output)
    {
        bool taken = true;
        while (taken && Console.In.ReadLine() is { } line)
        {
            taken = await TryAsync(() => output.WriteLineAsync(line));
        }
    }

    private static async Task SendBytesAsync(ByteWriteChannel output)
    {
        await using Stream input = Console.OpenStandardInput();
        byte[] buffer = new byte[64 * 1024];
        bool taken = true;
        int count;
        while (taken && (count = await input.ReadAsync(buffer)) > 0)
        {
            taken = await TryAsync(() => output.WriteAsync(buffer.AsMemory(0, count)));
        }
    }

    // The server may have sent a reason before it stopped receiving: PrintAsync prints it, and reports whether the server closed or reset the connection.
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
