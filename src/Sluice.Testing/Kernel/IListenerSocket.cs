using System.Net;

namespace Sluice.Testing.Kernel;

/// <summary>A listening socket of a simulated kernel.</summary>
/// <typeparam name="T">The type of the connections.</typeparam>
internal interface IListenerSocket<out T>
    where T : class, IStreamSocket
{
    EndPoint Local { get; }

    /// <summary>Takes a connection; null if there is none.</summary>
    T? TryAccept();

    /// <summary>Closes the socket. Connections that were not accepted are reset.</summary>
    void Close();
}
