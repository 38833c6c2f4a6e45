using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>Runs a command for each client.</summary>
internal sealed class CommandServer(string command) : ILinkServer
{
    public async Task ServeAsync(Link link, CancellationToken cancellationToken)
    {
        await using var process = CommandLink.Start(command, ("SLUICE_REMOTE", link.Name));

        // The end of the command ends the connection, although the client may send more.
        Task sending = SendAsync(link, process, cancellationToken);
        await Transfer.CopyAsync(process, link, cancellationToken);
        if (link.Connection is { } connection)
        {
            await connection.CloseAsync(cancellationToken);
        }

        await sending;
        if (process.Failure is { } failure)
        {
            throw new CommandException(failure);
        }
    }

    private static async Task SendAsync(Link link, CommandLink process, CancellationToken cancellationToken)
    {
        try
        {
            await Transfer.CopyAsync(link, process, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The command has closed its input or has ended, or the client has gone: the command sees the end of its input.
            await TryCompleteAsync(process);
        }
    }

    private static async Task TryCompleteAsync(CommandLink process)
    {
        try
        {
            await process.CompleteAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The command has closed its input.
        }
    }
}
