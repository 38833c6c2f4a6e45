namespace Sluice.Engine;

internal static class CloseReasonExtensions
{
    /// <summary>Gets the rest of a sentence that begins with the name of the socket.</summary>
    public static string Explain(this CloseReason reason) => reason switch
    {
        CloseReason.Closed => "was closed by CloseAsync or DisposeAsync",
        CloseReason.Aborted => "was aborted by Abort",
        CloseReason.OutboxFull => "was aborted because its outbox was full",
        CloseReason.ServerStopped => "was closed because its server was stopped",
        CloseReason.ManagerDisposed => "was closed because its SelectorManager was disposed",
        _ => "is closed, or its input or output is",
    };
}
