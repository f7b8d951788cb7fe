from everkin.cli import main

main()
