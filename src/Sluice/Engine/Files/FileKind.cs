namespace Sluice.Engine.Files;

/// <summary>The kind of a file (inode(7)).</summary>
internal enum FileKind
{
    /// <summary>The system does not tell, or there is no such file.</summary>
    Unknown,
    Regular,
    Directory,
    Fifo,
    CharacterDevice,
    BlockDevice,
    Socket,
}
