namespace Sluice.Serving;

/// <summary>
/// Marks code that runs in a handler of a server, across its awaits: a stop that such code waits for must not wait for that code. One mark is
/// shared by all handlers of a server, so that a connection costs no execution context of its own.
/// </summary>
internal sealed class HandlerScope
{
    private static readonly AsyncLocal<HandlerScope?> s_current = new();

    private readonly object _server;
    private readonly HandlerScope? _outer;

    private HandlerScope(object server, HandlerScope? outer)
    {
        _server = server;
        _outer = outer;
    }

    /// <summary>From here on, and in all that is begun from here, this is a handler of <paramref name="server"/>. Ends with the async method that calls it.</summary>
    public static void Enter(object server) => s_current.Value = new HandlerScope(server, s_current.Value);

    /// <summary>Whether the caller runs in a handler of <paramref name="server"/>, or in a server's that such a handler runs.</summary>
    public static bool IsInside(object server)
    {
        for (HandlerScope? scope = s_current.Value; scope is not null; scope = scope._outer)
        {
            if (scope._server == server)
            {
                return true;
            }
        }

        return false;
    }
}
