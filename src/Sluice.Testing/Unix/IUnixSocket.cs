namespace Sluice.Testing.Unix;

/// <summary>A socket that has a name.</summary>
internal interface IUnixSocket;
